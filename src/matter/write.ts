import { Diagnostic, MAX_UDP_MESSAGE_SIZE } from "@matter/general";
import type { AttributeModel } from "@matter/model";
import { type ClientInteraction, type ClientWrite, type InteractionSession, MATTER_MESSAGE_OVERHEAD, Write } from "@matter/protocol";
import { ArraySchema, type AttributeData, EndpointNumber, TlvOfModel, TlvWriteRequest } from "@matter/types";
import type { DeviceAnswer, StatusAnswer, WriteRequest } from "../core/device.js";
import { Status } from "../core/status.js";
import type { PreparedRequest } from "./interaction.js";
import { statusAnswer, unknown } from "./outcome.js";
import { type AttributeSchema, requireAttribute } from "./schema.js";
import { toMatter } from "./values.js";

/** The most that a write request may take of one message (section 4.4.4: IPv6 minimum MTU). */
const MAX_WRITE_BYTES = MAX_UDP_MESSAGE_SIZE - MATTER_MESSAGE_OVERHEAD;

/**
 * One attribute. A list goes as one "replace all" in one message, conditionally when `dataVersion` is given.
 *
 * A list that does not fit in one message is written in several: as many entries as fit replace the list, the others are
 * appended, one interaction after another, and *unconditionally* (each append raises the version that the next would be checked
 * against). If one of them is refused or lost, its answer is the answer, and the list is left truncated: read it back.
 * @throws StatusResponseError with the status of an invalid request.
 */
export function prepareWrite(request: WriteRequest, network: string | undefined): PreparedRequest {
    const schema = requireAttribute(request.cluster, request.attribute);
    const value = toMatter(schema.attribute.schema, request.value);
    const single = singleWrite(request, schema, value);
    const writes = Array.isArray(value) && !fits(single) ? chunkedWrites(request, schema, value) : [single];
    return {
        perform: (interaction, session) =>
            performWrites(
                interaction,
                session,
                writes.map(write => ({ ...write, network, [Diagnostic.value]: () => `${schema.cluster.name}.${schema.attribute.name}` })),
            ),
    };
}

async function performWrites(
    interaction: ClientInteraction,
    session: InteractionSession,
    writes: readonly ClientWrite[],
): Promise<DeviceAnswer> {
    let answer: DeviceAnswer = statusAnswer(Status.SUCCESS);
    for (const write of writes) {
        answer = answerOfStatuses(await interaction.write(write, session));
        if (answer.kind !== "status" || answer.status !== Status.SUCCESS) {
            break;
        }
    }
    return answer;
}

/** A list written in several operations has a status for each; the first failure speaks for all. */
function answerOfStatuses(statuses: readonly { status: number; clusterStatus?: number }[]): DeviceAnswer {
    if (statuses.length === 0) {
        return unknown("the response named no attribute");
    }
    const told: StatusAnswer[] = statuses.map(({ status, clusterStatus }) => statusAnswer(status, clusterStatus));
    return told.find(({ status }) => status !== Status.SUCCESS) ?? told[0]!;
}

function singleWrite(request: WriteRequest, { cluster, attribute }: AttributeSchema, value: unknown): Write {
    return Write(
        { chunkLists: false },
        Write.Attribute({
            endpoint: EndpointNumber(request.endpoint),
            cluster,
            attributes: attribute as never,
            value,
            ...(request.dataVersion === undefined ? {} : { version: request.dataVersion }),
        }),
    );
}

/** Replace with the first entries, then append the rest, each message as full as it can be. */
function chunkedWrites(request: WriteRequest, { cluster, attribute }: AttributeSchema, list: readonly unknown[]): Write[] {
    const path = { endpointId: EndpointNumber(request.endpoint), clusterId: cluster.id, attributeId: attribute.id };
    const timed = attribute.schema.effectiveAccess.timed === true;
    const append = appendsOf(attribute.schema, list, path);

    const writes: Write[] = [];
    let pending: AttributeData[] = [{ path, data: encodeList(attribute.schema, []) }];
    let replaced = 0;
    // The first message holds a "replace all"; growing it entry by entry keeps the size check exact.
    while (replaced < list.length) {
        const grown = [{ path, data: encodeList(attribute.schema, list.slice(0, replaced + 1)) }];
        if (!fits(Write({ writes: grown, timed }))) {
            break;
        }
        pending = grown;
        replaced++;
    }
    writes.push(Write({ writes: pending, timed }));

    pending = [];
    for (const operation of append.slice(replaced)) {
        if (pending.length > 0 && !fits(Write({ writes: [...pending, operation], timed }))) {
            writes.push(Write({ writes: pending, timed }));
            pending = [];
        }
        pending.push(operation);
    }
    writes.push(Write({ writes: pending, timed }));
    return writes;
}

function appendsOf(model: AttributeModel, list: readonly unknown[], path: AttributeData["path"]): AttributeData[] {
    const schema = TlvOfModel(model) as ArraySchema<unknown>;
    return schema
        .encodeAsChunkedArray([...list], { forWriteInteraction: true })
        .filter(({ listIndex }) => listIndex === null)
        .map(({ element, listIndex }) => ({ path: { ...path, listIndex }, data: element }));
}

function encodeList(model: AttributeModel, list: readonly unknown[]): AttributeData["data"] {
    return TlvOfModel(model).encodeTlv(list, { forWriteInteraction: true });
}

function fits(write: Write): boolean {
    return TlvWriteRequest.encode(write).byteLength <= MAX_WRITE_BYTES;
}
