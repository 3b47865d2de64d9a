import type { Command, DatastoreCommand } from "../core/command.js";
import type { Extension } from "../core/context.js";
import { refuse } from "../core/error.js";
import type { KeySetId, NodeId } from "../core/ids.js";
import type { Item } from "../core/item.js";
import { sorted } from "../core/loader.js";
import type { MachineParts } from "../core/machine.js";
import type { NodeState } from "../core/node-state.js";
import { Status, type StatusCode } from "../core/status.js";
import type { StoreImage } from "../core/store.js";
import { ACL, BINDING } from "../kinds/index.js";
import { AclUpdates } from "./acl-updates.js";
import { AdminCommands } from "./admin-commands.js";
import { Entries } from "./entries.js";
import { EntryCommands } from "./entry-commands.js";
import { commandFields, type CommandName } from "./fields.js";
import { FollowUps } from "./follow-ups.js";
import { GroupCommands } from "./group-commands.js";
import { GroupMembers } from "./group-members.js";
import { ItemLists } from "./item-lists.js";
import { KeySetCommands } from "./key-set-commands.js";
import { Lifecycle } from "./lifecycle.js";
import { MemberCommands } from "./member-commands.js";
import { NodeCommands } from "./node-commands.js";
import { settingsOf, type DatastoreOptions } from "./options.js";
import type { CommandHandler, Parts } from "./parts.js";
import { checkRecord } from "./record-check.js";
import type { JfdsRecord } from "./records.js";
import { Refresh } from "./refresh.js";
import { RefreshMerge } from "./refresh-merge.js";
import { Tables, type JfdsRow, type TablesOwner } from "./tables.js";
import { View, type AttributeName, type DatastoreAttributes } from "./view.js";

function isDatastoreCommand(command: Command): command is DatastoreCommand {
    const { type } = command;
    return type === "jfds" || type === "formDatastore" || type === "transferAnchor" || type === "removeFabric";
}

/**
 * The Joint Fabric Datastore (section 11.24) as a part of the machine. The fabric's lists are records of its own; what nodes are to hold are managed items, which the
 * node-scoped lists project. A command is answered when it is recorded; what becomes of it on nodes is in the lists.
 *
 * @example
 * ```ts
 * let datastore: Datastore;
 * Manager.open({ ...options, extensions: [(machine, image) => (datastore = new Datastore(machine, {}, image))] }, image, now);
 * ```
 */
export class Datastore implements Extension, TablesOwner {
    readonly #parts: Parts;
    readonly #view: View;
    readonly #refresh: Refresh;
    readonly #followUps: FollowUps;
    readonly #lifecycle: Lifecycle;
    readonly #handlers: { readonly [command: string]: CommandHandler | undefined };
    /** Revisions that GroupKeySetList claims, so that they are not erased. */
    readonly #claimed = new Map<number, number>();
    /** Nodes of which something changed since the last look. */
    #touched = new Set<NodeId>();

    constructor(
        private readonly machine: MachineParts,
        options: DatastoreOptions,
        image: StoreImage,
    ) {
        const tables = new Tables(machine.context, this);
        const parts: Parts = { machine, tables, lists: new ItemLists(machine), settings: settingsOf(options) };
        const members = new GroupMembers(parts);
        const entries = new Entries(parts);
        this.#parts = parts;
        this.#view = new View(parts);
        this.#refresh = new Refresh(parts, new RefreshMerge(parts, members, entries), nodeId => this.#touched.add(nodeId));
        this.#followUps = new FollowUps(parts);
        this.#lifecycle = new Lifecycle(parts, this.#refresh);
        this.#handlers = {
            ...new KeySetCommands(parts, members).handlers,
            ...new GroupCommands(parts, members, new AclUpdates(parts, entries)).handlers,
            ...new AdminCommands(parts).handlers,
            ...new NodeCommands(parts, this.#refresh).handlers,
            ...new MemberCommands(parts, members).handlers,
            ...new EntryCommands(parts, entries).handlers,
        };
        this.#load(image);
        machine.context.observer = this.#refresh;
    }

    /** All attributes as they are durable, under their names in lower camel case. */
    attributes(): DatastoreAttributes {
        return this.#view.attributes();
    }

    /** One attribute as it is durable. */
    attribute<N extends AttributeName>(name: N): DatastoreAttributes[N] {
        return this.#view.attribute(name);
    }

    command(command: Command, id: number): boolean {
        if (!isDatastoreCommand(command)) {
            return false;
        }
        const status = this.#carryOut(command);
        if (status === null) {
            this.machine.context.reply(id, refuse("INVALID_COMMAND", "the datastore has no command of this name: use one of section 11.24.7, in lower camel case"), false);
        } else {
            this.machine.context.reply(id, { ok: true, value: { type: "status", status } }, status === Status.SUCCESS);
        }
        return true;
    }

    itemChanged(item: Item): void {
        const { tables, lists } = this.#parts;
        lists.itemChanged(item);
        const { nodeId } = item.node;
        if (item.record === null && (item.kindName === BINDING || item.kindName === ACL)) {
            tables.delete(tables.entryOf(item.kindName, nodeId, item.key));
        }
        if (tables.get("node", nodeId) !== undefined) {
            this.#touched.add(nodeId);
        }
    }

    itemLanded(item: Item): void {
        this.#view.itemLanded(item);
    }

    nodeRemoved(node: NodeState): void {
        this.#refresh.forget(node.nodeId);
    }

    /** A node that was announced and has come: it is looked at without being asked for. */
    nodeReachable(nodeId: NodeId): void {
        const entry = this.#parts.tables.get("node", nodeId);
        if (entry?.state === "pending" && entry.refresh === "none" && this.#lifecycle.isReady) {
            this.#refresh.begin(entry);
        }
    }

    kindRegistered(): void {}

    occupant(): number {
        return 0;
    }

    forcedOut(): void {}

    neededBy(): number {
        return 0;
    }

    /** Finish what items have come to, and tell what became durable. */
    drive(): void {
        const { tables } = this.#parts;
        while (this.#touched.size > 0) {
            const touched = this.#touched;
            this.#touched = new Set();
            for (const nodeId of touched) {
                const added = this.#followUps.review(nodeId);
                const entry = tables.get("node", nodeId);
                if (entry !== undefined) {
                    this.#refresh.review(entry, added);
                }
            }
        }
        const attributes = this.#view.takeChanged();
        if (attributes.length > 0) {
            this.machine.context.durableEvent({ type: "jfdsChanged", attributes });
        }
    }

    storeRefused(): void {
        this.#parts.lists.rebuild();
    }

    storeRecovered(): void {}

    recordLanded(row: JfdsRow, before: JfdsRecord | null): void {
        this.#view.recordLanded(row, before);
    }

    recordTakenBack(row: JfdsRow): void {
        if (row.nodeId !== null) {
            this.#touched.add(row.nodeId);
        }
        if (row.record?.type === "node") {
            this.#refresh.resume(row.record);
        } else if (row.recordType === "keySet") {
            this.keySetChanged(Number(row.key.split("/")[1]));
        } else if (row.recordType === "fabric") {
            this.#lifecycle.watch();
        }
    }

    keySetChanged(keySetId: number): void {
        const { keySets } = this.machine;
        const listed = this.#parts.tables.get("keySet", keySetId);
        const before = this.#claimed.get(keySetId);
        if (listed !== undefined) {
            this.#view.keepMaterial(listed);
        }
        if (before === listed?.revision) {
            return;
        }
        if (listed !== undefined) {
            keySets.claim(keySetId as KeySetId, listed.revision);
            this.#claimed.set(keySetId, listed.revision);
        } else {
            this.#claimed.delete(keySetId);
        }
        if (before !== undefined) {
            keySets.release(keySetId as KeySetId, before);
        }
    }

    /** Null: there is no such command. */
    #carryOut(command: DatastoreCommand): StatusCode | null {
        switch (command.type) {
            case "formDatastore":
                return this.#lifecycle.form(command.formation);
            case "transferAnchor":
                return this.#lifecycle.transfer(command.step);
            case "removeFabric":
                return this.#lifecycle.removeFabric();
            case "jfds":
                return this.#clusterCommand(command.command, command.fields);
        }
    }

    #clusterCommand(name: string, fields: { readonly [name: string]: unknown }): StatusCode | null {
        const handler = Object.hasOwn(this.#handlers, name) ? this.#handlers[name] : undefined;
        if (handler === undefined) {
            return null;
        }
        const malformed = commandFields[name as CommandName](fields);
        if (malformed !== Status.SUCCESS) {
            return malformed;
        }
        return this.#lifecycle.isReady ? handler(fields as never) : Status.BUSY;
    }

    #load(image: StoreImage): void {
        const { tables } = this.#parts;
        for (const [id, stored] of sorted(image, "jfds")) {
            const problem = checkRecord(stored) ?? (tables.has(stored as JfdsRecord) ? "has the identity of another record" : null);
            if (problem !== null) {
                this.machine.quarantined.push({ table: "jfds", id, reason: problem });
                continue;
            }
            const row = tables.load(id, stored as JfdsRecord);
            if (row.recordType === "keySet") {
                this.keySetChanged((stored as Extract<JfdsRecord, { type: "keySet" }>).keySetId);
            }
            this.#view.recordLanded(row, null);
        }
        for (const item of this.machine.items.all()) {
            this.#view.itemLanded(item);
        }
        for (const entry of tables.all("node")) {
            this.#refresh.resume(entry);
            this.#touched.add(entry.nodeId);
        }
        this.#lifecycle.watch();
        this.#view.takeChanged();
    }
}
