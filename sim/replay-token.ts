import { deflateRawSync, inflateRawSync } from "node:zlib";
import { noFaults } from "./fault-plan.js";
import { OPTIONAL_FIELDS } from "./script-fields.js";
import { scriptFrom, ScriptError } from "./script-check.js";
import type { Script } from "./script.js";

/** A schedule that can be run again anywhere. */
export interface Replay {
    readonly script: Script;
    /** Checkers scan throughout, and not only at the end. */
    readonly scanThroughout: boolean;
}

const PREFIX = "slv";
const FORMAT = 1;

/** Bytes of check sum in front of the compressed script. */
const CHECK_BYTES = 4;
const SCRIPT_BYTES_MAX = 4 * 1024 * 1024;

/**
 * What scripts are full of, so that tokens need not spell it out; the most frequent at the end. Part of token format 1: it never changes,
 * and what scripts come to hold later just takes more room.
 */
const DICTIONARY = Buffer.from(
    '"scanThroughout":true,"lostNode":-1,"duplicateAfterAnswer":"outageAtStart":"outagesMax":"outageMinMs":"outageMaxMs":' +
        '"storeKeepsInFlight":"storeRefusal":"storeLatencyMinMs":"storeLatencyMaxMs":"giveUpMinMs":"giveUpMaxMs":"latencyMinMs":"latencyMaxMs":' +
        '"eventMissing":"eventDelayMaxMs":"notSent":"duplicateEffect":"lateEffect":"lossAfterEffect":"lossBeforeEffect":' +
        '{"type":"reconcile","atMs":{"type":"removeMembership","atMs":{"type":"setMembership","atMs":{"type":"removeMap","atMs":' +
        '{"type":"removeKey","atMs":{"type":"cancel","atMs":,"task":0},{"type":"setMap","atMs":,"node":0,"group":3,"keySet":3},' +
        '{"type":"setKey","atMs":,"node":0,"keySet":3},{"beforeInput":,"downMs":0}' +
        '{"format":1,"seed":,"nodes":[{"maxGroups":4,"maxKeys":3,"outages":[0,]},{"maxGroups":4,"maxKeys":3,"outages":[]}],"faults":{},"actions":[' +
        '{"type":"addToGroup","atMs":0,"node":0,"endpoint":1,"group":1,"keySet":1,"request":0,"deadlineMs":0}],"crashes":[],"chaosMs":60000,"lostNode":-1}',
);

/**
 * A schedule as one line: a prefix with the format's number, and the script compressed. It carries the script itself, so that it means the
 * same when seeds come to draw other scripts.
 *
 * @example
 * replayToken({ script, scanThroughout: false }); // "slv1.SjJv..."
 */
export function replayToken({ script, scanThroughout }: Replay): string {
    const short = shortened(script);
    const text = Buffer.from(JSON.stringify(scanThroughout ? { ...short, scanThroughout } : short));
    const packed = deflateRawSync(text, { level: 9, dictionary: DICTIONARY });
    return `${PREFIX}${FORMAT}.${Buffer.concat([checkSum(text), packed]).toString("base64url")}`;
}

/**
 * The schedule that a token stands for.
 *
 * @throws ScriptError SCRIPT_DAMAGED, SCRIPT_NEWER
 */
export function readReplayToken(token: string): Replay {
    const parts = /^slv(\d+)\.([\w-]+)$/.exec(token.trim());
    if (parts === null) {
        throw damaged(`a replay token looks like ${PREFIX}${FORMAT}.AbC-dE_...`);
    }
    if (Number(parts[1]) > FORMAT) {
        throw new ScriptError(
            "SCRIPT_NEWER",
            `This token has format ${parts[1]}, and this Selvage reads up to ${FORMAT}. Replay it with the version that made it, or a later one.`,
        );
    }
    const data = JSON.parse(inflated(Buffer.from(parts[2]!, "base64url"))) as Readonly<Record<string, unknown>>;
    return { script: scriptFrom(data), scanThroughout: data["scanThroughout"] === true };
}

/** Without what goes without saying. */
function shortened({ incidents, ...script }: Script): object {
    return {
        ...script,
        nodes: script.nodes.map(withoutDefaults),
        faults: Object.fromEntries(Object.entries(script.faults).filter(([name, value]) => noFaults[name as keyof typeof noFaults] !== value)),
        actions: script.actions.map(withoutDefaults),
        crashes: script.crashes.map(withoutDefaults),
        ...(incidents.length === 0 ? {} : { incidents: incidents.map(withoutDefaults) }),
    };
}

function withoutDefaults(part: object): object {
    return Object.fromEntries(Object.entries(part).filter(([name, value]) => OPTIONAL_FIELDS[name] !== value));
}

/** Whether a text is meant to be a token, intact or not, rather than a file's name. */
export function looksLikeReplayToken(text: string): boolean {
    return /^slv\d+\./.test(text.trim());
}

function inflated(bytes: Buffer): string {
    let text: Buffer;
    try {
        text = inflateRawSync(bytes.subarray(CHECK_BYTES), { dictionary: DICTIONARY, maxOutputLength: SCRIPT_BYTES_MAX });
    } catch {
        throw damaged("it does not unpack");
    }
    if (!checkSum(text).equals(bytes.subarray(0, CHECK_BYTES))) {
        throw damaged("its check sum is wrong");
    }
    return text.toString("utf8");
}

/** FNV-1a, 32 bit: tells a slip of the pen from the token that was meant. */
function checkSum(bytes: Uint8Array): Buffer {
    let hash = 0x811c9dc5;
    for (const byte of bytes) {
        hash = Math.imul(hash ^ byte, 0x01000193);
    }
    const sum = Buffer.alloc(CHECK_BYTES);
    sum.writeUInt32BE(hash >>> 0);
    return sum;
}

function damaged(why: string): ScriptError {
    return new ScriptError("SCRIPT_DAMAGED", `This replay token is damaged: ${why}. Copy it again, from its prefix to its last character.`);
}
