import { Binding, Descriptor, GroupKeyManagement, Groups } from "../../src/core/clusters.js";
import { Status } from "../../src/core/status.js";
import { State } from "../specification.js";
import { type Fields } from "../values.js";
import { ACL, bindingPath, outcomeOf, plainBinding, PlainPropagation } from "./propagation.js";
import type { List, NodeRow, Row } from "./tables.js";

/** A stage of a refresh went through, could not read or write what it needs, or got no answer at all. */
export type Stage = "through" | "failed" | "unreachable" | "full";

const SWEEP_MS = 300_000;
/** After a first failure nothing is asked at once again; the sweep and refreshes do. */
const START_MS = 100;

/** RefreshNode (section 11.24.7.11), the work of each node, and the periodic review of what is owed (section 11.24.4.3). */
export class PlainRefresh extends PlainPropagation {
    readonly #busy = new Set<bigint>();

    /** Called once the server is up. */
    start(): void {
        this.port.onReachable = nodeId => this.wake(BigInt(nodeId));
        this.port.time.schedule(START_MS, () => this.tables.nodes.forEach(({ nodeId }) => this.wake(nodeId)));
        this.#sweepLater();
    }

    #sweepLater(): void {
        this.port.time.schedule(SWEEP_MS, () => {
            if (!this.isDead) {
                this.sweep();
                this.#sweepLater();
            }
        });
    }

    /** What failed and may succeed another time is owed again, and every node with something owed is visited. */
    protected sweep(): void {
        for (const { nodeId } of this.tables.nodes) {
            this.retryFailed(nodeId);
            this.wake(nodeId);
        }
    }

    protected retryFailed(nodeId: bigint): void {
        for (const row of this.rowsOf(nodeId)) {
            if (row.state === State.COMMIT_FAILED && this.isRecoverable(row.code)) {
                this.setState(row, row.wanted ? State.PENDING : State.DELETE_PENDING);
            }
        }
    }

    /** Sees to it that the node's work is being done. */
    protected wake(nodeId: bigint): void {
        const node = this.node(nodeId);
        const isOwed = node?.refresh === true || this.nextOwed(nodeId) !== undefined;
        if (this.isDead || node === undefined || !isOwed || this.#busy.has(nodeId) || this.tables.status.state !== State.COMMITTED) {
            return;
        }
        this.#busy.add(nodeId);
        void this.#work(node).finally(() => this.#busy.delete(nodeId));
    }

    async #work(node: NodeRow): Promise<void> {
        for (let rounds = 0; rounds < MAX_ROUNDS && this.tables.nodes.includes(node) && !this.isDead; rounds++) {
            if (node.refresh) {
                node.refresh = false;
                const stage = await this.refresh(node);
                if (stage !== "through" && this.tables.nodes.includes(node)) {
                    node.refresh = true;
                    this.refreshFailed(node, stage);
                    this.save();
                    return;
                }
            } else if (this.nextOwed(node.nodeId) === undefined || (await this.push(node.nodeId))) {
                return;
            }
        }
    }

    protected refreshFailed(node: NodeRow, stage: Stage): void {
        if (stage === "full") {
            this.setState(node, State.COMMIT_FAILED, Status.RESOURCE_EXHAUSTED);
        }
    }

    protected async refresh(node: NodeRow): Promise<Stage> {
        const { nodeId } = node;
        const parts = await this.request(nodeId, { op: "read", endpoint: 0, cluster: Descriptor.id, attribute: Descriptor.attributes.partsList });
        if (parts.kind !== "value") {
            return outcomeOf(parts) === "unreachable" ? "unreachable" : "failed";
        }
        this.mergeEndpoints(nodeId, parts.value as readonly number[]);
        this.takeUpFailed(nodeId);
        this.save();
        const stages: Stage[] = [(await this.push(nodeId)) ? "unreachable" : "through"];
        for (const endpoint of this.#endpointsOf(nodeId)) {
            stages.push(await this.refreshEndpoint(nodeId, endpoint));
        }
        stages.push(await this.refreshKeys(nodeId), await this.refreshAcl(nodeId));
        if (!stages.includes("unreachable") && (await this.push(nodeId))) {
            // What was asked meanwhile goes out with this refresh, too.
            stages.push("unreachable");
        }
        const isNew = this.rowsOf(nodeId).some(row => this.isOwed(row) || (row.state === State.COMMIT_FAILED && row.wanted));
        const worst = (["unreachable", "full", "failed"] as const).find(stage => stages.includes(stage)) ?? (isNew ? "failed" : "through");
        if (worst === "through" && !node.refresh) {
            this.setState(node, State.COMMITTED);
            this.save();
        }
        return worst;
    }

    #endpointsOf(nodeId: bigint): readonly number[] {
        return this.tables.endpoints.filter(row => row["nodeId"] === nodeId).map(row => row["endpointId"] as number);
    }

    /** One row for each endpoint that is there; what hung on the others goes with them. */
    protected mergeEndpoints(nodeId: bigint, parts: readonly number[]): void {
        const isThere = (endpointId: unknown) => parts.includes(endpointId as number);
        this.tables.endpoints = this.tables.endpoints.filter(row => row["nodeId"] !== nodeId || isThere(row["endpointId"]));
        for (const row of this.rowsOf(nodeId).filter(({ endpointId }) => endpointId !== undefined && !isThere(endpointId))) {
            this.drop(row);
        }
        for (const endpointId of parts.filter(part => !this.hasEndpoint(nodeId, part))) {
            this.tables.endpoints.push({ endpointId, nodeId, friendlyName: "" });
        }
        this.releaseKeys(nodeId);
    }

    /** Key sets that nothing on the node rests on any more are on their way out. */
    protected releaseKeys(nodeId: bigint): void {
        for (const row of this.rowsOf(nodeId, "keySets")) {
            const isUsed = this.rowsOf(nodeId, "memberships").some(member => member.wanted && member.keySetId === row.value["groupKeySetId"]);
            if (row.wanted && !isUsed && this.isOurKey(row)) {
                this.want(row, false);
            }
        }
    }

    /** Sets that the node had on its own are left to it. */
    protected isOurKey(row: Row): boolean {
        return row.value["groupKeySetId"] !== 0 && this.keySet(row.value["groupKeySetId"]) !== undefined;
    }

    /** What failed for good is dropped, unless it is a removal: that is pursued. The rest is tried again. */
    protected takeUpFailed(nodeId: bigint): void {
        for (const row of this.rowsOf(nodeId)) {
            if (row.state === State.COMMIT_FAILED) {
                if (row.wanted && !this.isRecoverable(row.code)) {
                    this.drop(row);
                } else {
                    this.setState(row, row.wanted ? State.PENDING : State.DELETE_PENDING);
                }
            }
        }
    }

    protected async refreshEndpoint(nodeId: bigint, endpoint: number): Promise<Stage> {
        const servers = await this.readList(nodeId, { endpoint, cluster: Descriptor.id, attribute: Descriptor.attributes.serverList });
        if (!Array.isArray(servers)) {
            return servers === "unreachable" ? "unreachable" : "failed";
        }
        const has = (cluster: number) => (servers as readonly unknown[]).includes(cluster);
        const groups = has(Groups.id) ? await this.refreshGroups(nodeId, endpoint) : "through";
        const bindings = has(Binding.id) ? await this.refreshBindings(nodeId, endpoint) : "through";
        return groups === "through" ? bindings : groups;
    }

    protected async refreshGroups(nodeId: bigint, endpointId: number): Promise<Stage> {
        const fields = { groupList: [] };
        const answer = await this.request(nodeId, {
            op: "invoke",
            endpoint: endpointId,
            cluster: Groups.id,
            command: Groups.commands.getGroupMembership,
            fields,
            query: true,
        });
        if (answer.kind !== "response") {
            return outcomeOf(answer) === "unreachable" ? "unreachable" : "failed";
        }
        const present = (answer.fields["groupList"] as readonly number[]).map(groupId => ({ groupId }));
        return this.merge({ list: "memberships", nodeId, endpointId }, present);
    }

    protected async refreshBindings(nodeId: bigint, endpointId: number): Promise<Stage> {
        const read = await this.readList(nodeId, bindingPath({ endpointId }));
        if (!Array.isArray(read)) {
            return read === "unreachable" ? "unreachable" : "failed";
        }
        return this.merge({ list: "bindings", nodeId, endpointId }, (read as readonly Fields[]).map(plainBinding));
    }

    protected async refreshKeys(nodeId: bigint): Promise<Stage> {
        const { keySetReadAllIndices } = GroupKeyManagement.commands;
        const at = { endpoint: 0, cluster: GroupKeyManagement.id, command: keySetReadAllIndices };
        const answer = await this.request(nodeId, { op: "invoke", ...at, fields: {}, query: true });
        if (answer.kind !== "response") {
            return outcomeOf(answer) === "unreachable" ? "unreachable" : "failed";
        }
        const ids = new Set(answer.fields["groupKeySetIDs"] as readonly number[]);
        ids.delete(0);
        return this.merge({ list: "keySets", nodeId }, [...ids].map(groupKeySetId => ({ groupKeySetId })));
    }

    protected async refreshAcl(nodeId: bigint): Promise<Stage> {
        const read = await this.readList(nodeId, ACL);
        if (!Array.isArray(read)) {
            return read === "unreachable" ? "unreachable" : "failed";
        }
        return this.merge({ list: "acl", nodeId }, read as readonly Fields[]);
    }

    /** The node wins where nothing is owed: what it lacks is dropped, what it has is adopted, and what we are taking out of it is not. */
    protected merge(place: { readonly list: List; readonly nodeId: bigint; readonly endpointId?: number }, present: readonly Fields[]): Stage {
        const rows = this.rowsOf(place.nodeId, place.list).filter(row => row.endpointId === place.endpointId);
        const isHeld = (row: Row) => present.some(value => this.sameValue(row.list, value, row.value));
        for (const row of rows.filter(({ state }) => state === State.COMMITTED)) {
            if (!isHeld(row)) {
                this.drop(row);
            }
        }
        const isKnown = (value: Fields) => rows.some(row => [row.value, ...row.superseded].some(each => this.sameValue(row.list, each, value)));
        for (const value of present.filter(each => !isKnown(each))) {
            if (this.tables.rows.filter(row => row.list === place.list).length >= this.limits.rows) {
                return "full";
            }
            this.adopt(place, value);
        }
        this.save();
        return "through";
    }

    protected adopt(place: { readonly list: List; readonly nodeId: bigint; readonly endpointId?: number }, value: Fields): void {
        const group = place.list === "memberships" ? this.group(value["groupId"] as number) : undefined;
        const keySetId = group?.["groupKeySetId"];
        this.addRow({ ...place, value, state: State.COMMITTED, ...(typeof keySetId === "number" ? { keySetId } : {}) });
    }
}

/** More than any node needs; a server that finds no end is stopped by it. */
const MAX_ROUNDS = 100;

