import { Read, type ReadResult } from "@matter/protocol";
import { AttributeId, ClusterId, EndpointNumber } from "@matter/types";
import type { DeviceAnswer, ReadRequest } from "../core/device.js";
import { Status } from "../core/status.js";
import type { PreparedRequest } from "./interaction.js";
import { statusAnswer } from "./outcome.js";
import { findAttribute } from "./schema.js";
import { fromMatter } from "./values.js";

/**
 * One attribute, fabric-filtered, from the wire: no data version filter is sent, so that the device cannot answer "unchanged" and
 * leave the value to a cache.
 */
export function prepareRead(request: ReadRequest, network: string | undefined): PreparedRequest {
    const read = Read({
        fabricFilter: true,
        attributes: [
            {
                endpointId: EndpointNumber(request.endpoint),
                clusterId: ClusterId(request.cluster),
                attributeId: AttributeId(request.attribute),
            },
        ],
    });
    return {
        async perform({ interaction, session }) {
            let answer: DeviceAnswer | undefined;
            for await (const chunk of interaction.read({ ...read, network }, session)) {
                for await (const report of chunk) {
                    answer = answerOfReport(request, report) ?? answer;
                }
            }
            // A device must tell a value or a status for a concrete path; saying nothing is a failure, not an empty list.
            return answer ?? statusAnswer(Status.FAILURE);
        },
    };
}

function answerOfReport(request: ReadRequest, report: ReadResult.Report): DeviceAnswer | undefined {
    switch (report.kind) {
        case "attr-status":
            return statusAnswer(report.status, report.clusterStatus);
        case "attr-value": {
            const schema = findAttribute(request.cluster, request.attribute);
            const value = schema === undefined ? report.value : fromMatter(schema.attribute.schema, report.value);
            return { kind: "value", value: value as never, dataVersion: report.version };
        }
        default:
            return undefined;
    }
}
