import { Status, statusName } from "../src/core/status.js";
import { sameAclEntry } from "./acl-entry.js";
import { EvidenceLog, shown } from "./evidence.js";
import { transitionFault, tableFault } from "./invariants.js";
import type { Profile } from "./profile.js";
import { State } from "./specification.js";
import type { Accessor, Capability, Fault, InvokeAnswer, MemberSpec, MemberState, OtherChange, Report, Session, Target, Traffic } from "./target.js";
import { equal, matches, type Fields, type Value } from "./values.js";

/** Something that had to hold does not. */
export class UnmetExpectation extends Error {
    override readonly name = "UnmetExpectation";
    readonly code = "UNMET";
}

/** A row's state that is right. */
export interface RowState {
    readonly state: number;
    readonly code?: number;
}

export const PENDING: RowState = { state: State.PENDING };
export const COMMITTED: RowState = { state: State.COMMITTED };
export const DELETE_PENDING: RowState = { state: State.DELETE_PENDING };
export const failedWith = (code: number): RowState => ({ state: State.COMMIT_FAILED, code });
/** Wanted, and the node does not answer: it stays pending, or says that it timed out (profile `unreachable`). */
export const UNANSWERED: readonly RowState[] = [PENDING, failedWith(Status.TIMEOUT), failedWith(Status.FAILURE)];
/** The same for a removal. */
export const UNANSWERED_REMOVAL: readonly RowState[] = [DELETE_PENDING, failedWith(Status.TIMEOUT), failedWith(Status.FAILURE)];

const STATE_NAMES = ["Pending", "Committed", "DeletePending", "CommitFailed"];
/** Longer than any chain of operations on a simulated or real node in the suite takes. */
const SETTLE_MS = 120_000;

/** What a case works with: the server under test and its member nodes, checks, and a record of what was seen. */
export class Bed {
    readonly evidence = new EvidenceLog();
    /** Choices of the server where it was free to choose, other than the suite's defaults. */
    readonly policies: string[] = [];
    readonly #members: number[] = [];
    readonly #marks = new Map<number, number>();
    readonly #reports: Report[] = [];

    constructor(
        readonly target: Pick<Target, "capabilities" | "cleanUpPeriodMs">,
        readonly session: Session,
        readonly profile: Profile,
    ) {}

    has(capability: Capability): boolean {
        return this.target.capabilities.has(capability);
    }

    // What must hold

    check(holds: boolean, message: string): void {
        if (!holds) {
            throw new UnmetExpectation(message);
        }
    }

    found<T>(value: T | undefined, message: string): T {
        if (value === undefined) {
            throw new UnmetExpectation(message);
        }
        return value;
    }

    equal(actual: Value, expected: Value, what: string): void {
        this.check(equal(actual, expected), `${what}: ${shown(actual)} instead of ${shown(expected)}`);
    }

    /** The server was free to choose; what it chose is not the suite's default. */
    policy(text: string): void {
        this.policies.push(text);
    }

    // Commands

    async invoke(command: string, fields: Fields, accessor?: Accessor): Promise<InvokeAnswer> {
        const answer = await this.session.invoke(command, fields, accessor);
        this.evidence.add(`${accessor === undefined ? "" : `${accessorName(accessor)}: `}${command} -> ${statusText(answer.status)}`, fields);
        return answer;
    }

    /** The command is answered with one of these statuses; the first is the suite's default. A refused command has changed nothing (R-012). */
    async expect(expected: number | readonly number[], command: string, fields: Fields, accessor?: Accessor): Promise<number> {
        const accepted = typeof expected === "number" ? [expected] : expected;
        const isRefusal = accepted.some(status => status !== Status.SUCCESS);
        const before = isRefusal ? await this.#everything() : undefined;
        const { status } = await this.invoke(command, fields, accessor);
        this.check(accepted.includes(status), `${command} is answered ${statusText(status)} instead of ${accepted.map(statusText).join(" or ")}`);
        if (status !== Status.SUCCESS && before !== undefined) {
            this.equal(await this.#everything(), before, `after a refused ${command} everything is as before, but`);
        }
        if (status !== accepted[0]) {
            this.policy(`${command}: ${statusText(status)} (default ${statusText(accepted[0]!)})`);
        }
        return status;
    }

    async ok(command: string, fields: Fields, accessor?: Accessor): Promise<void> {
        await this.expect(Status.SUCCESS, command, fields, accessor);
    }

    /** Attributes, and what changed members, for "as before". */
    async #everything(): Promise<Fields> {
        const { attributes, dataVersion } = await this.session.readAll();
        const changes: number[] = [];
        if (this.has("traffic")) {
            for (const nodeId of this.#members) {
                changes.push((await this.session.traffic(nodeId)).filter(each => each.changes).length);
            }
        }
        return { attributes, dataVersion: this.has("dataVersions") ? dataVersion : undefined, changes };
    }

    // Attributes

    async attribute(name: string): Promise<Value> {
        const { status, value } = await this.session.read(name);
        this.check(status === Status.SUCCESS, `${name} cannot be read: ${statusText(status)}`);
        this.evidence.add(`read ${name}`, value);
        return value;
    }

    async attributes(): Promise<Fields> {
        return (await this.session.readAll()).attributes;
    }

    /** The entries of a list attribute that fit. */
    async rows(list: string, pattern: Fields = {}): Promise<readonly Fields[]> {
        const value = await this.attribute(list);
        this.check(Array.isArray(value), `${list} is no list`);
        const { aclEntry, ...rest } = pattern;
        const isEntry = (row: Fields) => aclEntry === undefined || sameAclEntry(row["aclEntry"] as Fields, aclEntry as Fields);
        return (value as readonly Fields[]).filter(row => matches(row, rest) && isEntry(row));
    }

    async row(list: string, pattern: Fields): Promise<Fields> {
        const rows = await this.rows(list, pattern);
        this.check(rows.length === 1, `${list} has ${rows.length} entries with ${shown(pattern)} instead of one`);
        return rows[0]!;
    }

    async expectNoRow(list: string, pattern: Fields): Promise<void> {
        await this.expectRows(list, pattern, 0);
    }

    async expectRows(list: string, pattern: Fields, count: number): Promise<readonly Fields[]> {
        const rows = await this.rows(list, pattern);
        this.check(rows.length === count, `${list} has ${rows.length} entries with ${shown(pattern)} instead of ${count}`);
        return rows;
    }

    /** Exactly one row fits, and its state is one of these; the first is the suite's default. */
    async expectRow(list: string, pattern: Fields, expected: RowState | readonly RowState[]): Promise<Fields> {
        const row = await this.row(list, pattern);
        const accepted = Array.isArray(expected) ? (expected as readonly RowState[]) : [expected as RowState];
        const entry = (row["statusEntry"] ?? row["commissioningStatusEntry"]) as Fields;
        const at = accepted.findIndex(({ state, code }) => entry["state"] === state && entry["failureCode"] === (code ?? 0));
        const actual = stateText(entry["state"] as number, entry["failureCode"] as number);
        const wanted = accepted.map(({ state, code }) => stateText(state, code ?? 0)).join(" or ");
        this.check(at >= 0, `${list} ${shown(pattern)} is ${actual} instead of ${wanted}`);
        if (at > 0) {
            this.policy(`${list}: ${actual} (default ${stateText(accepted[0]!.state, accepted[0]!.code ?? 0)})`);
        }
        return row;
    }

    // Time

    settle(boundMs = SETTLE_MS): Promise<void> {
        return this.session.settle(boundMs);
    }

    /** One period of the server's clean-up, and what follows from it. */
    async cleanUp(): Promise<void> {
        await this.session.advance(this.target.cleanUpPeriodMs);
        await this.settle();
    }

    // Member nodes

    async addMember(spec: MemberSpec): Promise<void> {
        this.#members.push(spec.nodeId);
        await this.session.addMember(spec);
    }

    member(nodeId: number): Promise<MemberState> {
        return this.session.memberState(nodeId);
    }

    async offline(nodeId: number): Promise<void> {
        this.evidence.add(`node ${nodeId} is off the network`);
        await this.session.setReachable(nodeId, false);
    }

    /** The server is not told, unless said otherwise. */
    async online(nodeId: number, announced = false): Promise<void> {
        this.evidence.add(`node ${nodeId} is back on the network`);
        await this.session.setReachable(nodeId, true, announced);
    }

    async fault(nodeId: number, match: Fault["match"], effect: Fault["effect"], times = 1): Promise<void> {
        this.evidence.add(`node ${nodeId}, ${shown({ ...match })}: ${shown({ ...effect } as Fields)} x ${times}`);
        await this.session.addFault(nodeId, { match, effect, times });
    }

    /** Refuse this operation from now on. */
    async refuse(nodeId: number, match: Fault["match"], status: number, times = Infinity): Promise<void> {
        await this.fault(nodeId, match, { type: "status", status }, times);
    }

    async hold(nodeId: number, match: Fault["match"]): Promise<void> {
        await this.fault(nodeId, match, { type: "hold" });
    }

    async release(nodeId: number): Promise<void> {
        this.evidence.add(`node ${nodeId} goes on, without faults`);
        await this.session.release(nodeId);
    }

    async other(nodeId: number, change: OtherChange): Promise<void> {
        const status = await this.session.otherChange(nodeId, change);
        this.evidence.add(`another administrator: ${change.name} on node ${nodeId} -> ${statusText(status)}`, change.value);
        this.check(status === Status.SUCCESS, `precondition: the other administrator's ${change.name} is answered ${statusText(status)}`);
    }

    /** From here on traffic is looked at. */
    async mark(): Promise<void> {
        for (const nodeId of this.#members) {
            this.#marks.set(nodeId, (await this.session.traffic(nodeId)).length);
        }
    }

    /** What reached a member since the mark. */
    async traffic(nodeId: number, pattern: Partial<Traffic> = {}): Promise<readonly Traffic[]> {
        const all = (await this.session.traffic(nodeId)).slice(this.#marks.get(nodeId) ?? 0);
        return all.filter(each => matches({ ...each }, pattern as Fields));
    }

    /** Writes and commands that change the node, since the mark, by name. */
    async changes(nodeId: number): Promise<readonly string[]> {
        const names = (await this.traffic(nodeId, { changes: true })).map(({ name }) => name);
        this.evidence.add(`what node ${nodeId} was asked to change`, names);
        return names;
    }

    async expectNoChanges(...nodeIds: readonly number[]): Promise<void> {
        for (const nodeId of nodeIds) {
            const names = await this.changes(nodeId);
            this.check(names.length === 0, `node ${nodeId} is asked to change: ${names.join(", ")}`);
        }
    }

    /** Not even asked. */
    async expectNoTraffic(...nodeIds: readonly number[]): Promise<void> {
        for (const nodeId of nodeIds) {
            const names = (await this.traffic(nodeId)).map(({ name }) => name);
            this.check(names.length === 0, `node ${nodeId} is contacted: ${names.join(", ")}`);
        }
    }

    /** These changes occurred in this order, others between them or not. */
    async expectOrder(nodeId: number, names: readonly string[]): Promise<void> {
        const actual = await this.changes(nodeId);
        let at = -1;
        for (const name of names) {
            at = actual.indexOf(name, at + 1);
            this.check(at >= 0, `node ${nodeId} is changed by ${actual.join(", ") || "nothing"}; expected, in this order: ${names.join(", ")}`);
        }
    }

    // Reports and what always holds

    async begin(): Promise<void> {
        if (this.has("subscriptions")) {
            await this.session.subscribe();
        }
    }

    /** Everything that was reported since the case began. */
    async reports(): Promise<readonly Report[]> {
        this.#reports.push(...(await this.session.reports()));
        return this.#reports;
    }

    /** What every case asserts: the lists are sound (R-020, R-021, R-023), and states moved only as they may (R-207). */
    async checkAlways(): Promise<void> {
        const { attributes } = await this.session.readAll();
        const fault = tableFault(attributes);
        this.check(fault === undefined, fault ?? "");
        if (this.has("subscriptions")) {
            const illegal = transitionFault(await this.reports());
            this.check(illegal === undefined, illegal ?? "");
        }
    }
}

export function statusText(status: number): string {
    return status < 0 ? "no answer" : statusName(status);
}

export function stateText(state: number, code: number): string {
    return `${STATE_NAMES[state] ?? `state ${state}`}${code === 0 ? "" : `(${statusText(code)})`}`;
}

function accessorName(accessor: Accessor): string {
    switch (accessor.kind) {
        case "administrator":
            return `administrator with CAT version ${accessor.catVersion ?? 1}`;
        case "node":
            return `node with privilege ${accessor.privilege}`;
        case "otherFabric":
            return "administrator of another fabric";
        case "pase":
            return "PASE session";
    }
}
