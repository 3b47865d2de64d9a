import pc from "picocolors";
import type { TraceLine } from "../../sim/trace-recorder.js";

/** How each lane looks: what goes into the machine, what comes out, what a device does, what else happens. */
const LANES: Readonly<Record<TraceLine["lane"], { readonly mark: string; readonly paint: (text: string) => string }>> = {
    input: { mark: "-> in", paint: pc.cyan },
    effect: { mark: "<- out", paint: text => text },
    device: { mark: "* device", paint: pc.green },
    note: { mark: "---", paint: pc.yellow },
};

/** A trace as a timeline, one line per event: when, at which node, in which lane, what. */
export function timelineText(lines: readonly TraceLine[], width: number): string {
    const head = ["    ms from start  node  lane      what"];
    return [...head, ...lines.map((line, i) => lineText(line, lines[i - 1], width))].join("\n");
}

function lineText({ atMs, lane, node, text }: TraceLine, before: TraceLine | undefined, width: number): string {
    // Equal times are shown once, so that what happens in one instant stands out.
    const time = before?.atMs === atMs ? "" : atMs.toLocaleString("en-US");
    const { mark, paint } = LANES[lane];
    const front = `${time.padStart(17)}  ${(node ?? "").padStart(4)}  ${mark.padEnd(8)}  `;
    const room = Math.max(20, width - front.length);
    return front + paint(text.length <= room ? text : `${text.slice(0, room - 3)}...`);
}
