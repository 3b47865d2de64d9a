import { shown } from "./evidence.js";
import { State } from "./specification.js";
import type { Report } from "./target.js";
import { equal, type Fields, type Value } from "./values.js";

/** What tells the rows of each list apart. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
    groupKeySetList: ["groupKeySetId"],
    groupList: ["groupId"],
    nodeList: ["nodeId"],
    adminList: ["nodeId"],
    nodeEndpointList: ["nodeId", "endpointId"],
    endpointGroupIdList: ["nodeId", "endpointId", "groupId"],
    nodeKeySetList: ["nodeId", "groupKeySetId"],
    endpointBindingList: ["listId"],
    nodeAclList: ["listId"],
};

const OF_NODES = ["nodeEndpointList", "endpointGroupIdList", "endpointBindingList", "nodeKeySetList", "nodeAclList"];
const OF_ENDPOINTS = ["endpointGroupIdList", "endpointBindingList"];

/** What is wrong with the lists as they are; undefined if nothing is. */
export function tableFault(attributes: Fields): string | undefined {
    return repeatedKey(attributes) ?? danglingRow(attributes) ?? misplacedCode(attributes);
}

function rowsOf(attributes: Fields, list: string): readonly Fields[] {
    const rows = attributes[list];
    return Array.isArray(rows) ? (rows as readonly Fields[]) : [];
}

function keyOf(list: string, row: Fields): string {
    return KEYS[list]!.map(name => String(row[name] as number)).join("/");
}

function repeatedKey(attributes: Fields): string | undefined {
    for (const list of Object.keys(KEYS)) {
        const seen = new Set<string>();
        for (const row of rowsOf(attributes, list)) {
            const key = keyOf(list, row);
            if (seen.has(key)) {
                return `R-020: ${list} has two rows with ${KEYS[list]!.join(", ")} ${key}`;
            }
            seen.add(key);
        }
    }
    return undefined;
}

function danglingRow(attributes: Fields): string | undefined {
    const nodes = new Set(rowsOf(attributes, "nodeList").map(row => String(row["nodeId"] as number)));
    const endpoints = new Set(rowsOf(attributes, "nodeEndpointList").map(row => keyOf("nodeEndpointList", row)));
    const stray = OF_NODES.flatMap(list => rowsOf(attributes, list).map(row => ({ list, row }))).find(({ row }) => !nodes.has(String(row["nodeId"] as number)));
    if (stray !== undefined) {
        return `R-021: ${stray.list} has a row of a node that is not in nodeList: ${shown(stray.row)}`;
    }
    const homeless = OF_ENDPOINTS.flatMap(list => rowsOf(attributes, list).map(row => ({ list, row }))).find(
        ({ row }) => !endpoints.has(keyOf("nodeEndpointList", row)),
    );
    return homeless && `R-021: ${homeless.list} has a row of an endpoint that is not in nodeEndpointList: ${shown(homeless.row)}`;
}

function statusOf(row: Fields): Fields | undefined {
    return (row["statusEntry"] ?? row["commissioningStatusEntry"]) as Fields | undefined;
}

function misplacedCode(attributes: Fields): string | undefined {
    for (const list of Object.keys(KEYS)) {
        for (const row of rowsOf(attributes, list)) {
            const status = statusOf(row);
            if (status !== undefined && (status["state"] === State.COMMIT_FAILED) !== (status["failureCode"] !== 0)) {
                return `R-023: ${list} has state ${shown(status["state"])} with FailureCode ${shown(status["failureCode"])}: ${shown(row)}`;
            }
        }
    }
    return undefined;
}

const { PENDING, COMMITTED, DELETE_PENDING, COMMIT_FAILED } = State;

/**
 * What may come first, and what may follow what; any row may go, by RemoveNode at the latest. A row that fails before anything is sent, because the node is
 * known to be full, may never be seen as Pending.
 */
const FIRST: readonly number[] = [PENDING, COMMITTED, COMMIT_FAILED];
const NEXT: Readonly<Record<number, readonly number[]>> = {
    [PENDING]: [COMMITTED, COMMIT_FAILED, DELETE_PENDING],
    [COMMITTED]: [PENDING, DELETE_PENDING],
    [DELETE_PENDING]: [COMMIT_FAILED, PENDING],
    [COMMIT_FAILED]: [PENDING, DELETE_PENDING, COMMITTED],
};

/** The first change of a state that must not occur; undefined if there is none. The first report of a list is where it starts from. */
export function transitionFault(reports: readonly Report[]): string | undefined {
    const states = new Map<string, Map<string, number>>();
    for (const { attribute, value } of reports) {
        if (KEYS[attribute] === undefined) {
            continue;
        }
        const before = states.get(attribute);
        const now = statesIn(attribute, value);
        states.set(attribute, now);
        for (const [key, state] of before === undefined ? [] : now) {
            const earlier = before?.get(key);
            const isLegal = earlier === undefined ? FIRST.includes(state) : earlier === state || NEXT[earlier]!.includes(state);
            if (!isLegal) {
                return `R-207: ${attribute} ${key} goes from ${earlier ?? "absent"} to state ${state}`;
            }
        }
    }
    return undefined;
}

function statesIn(list: string, rows: Value): Map<string, number> {
    const states = new Map<string, number>();
    for (const row of (rows ?? []) as readonly Fields[]) {
        const status = statusOf(row);
        if (status !== undefined && !equal(status["state"], undefined)) {
            states.set(keyOf(list, row), status["state"] as number);
        }
    }
    return states;
}
