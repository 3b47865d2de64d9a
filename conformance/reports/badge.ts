import { escaped } from "./escaped.js";
import type { Summary } from "./summary.js";

const LABEL = "JFDS 1.6";
/** Width of a character of Verdana at 11 pixels, roughly. */
const CHARACTER = 7;

/** A badge like those of continuous integration servers. */
export function badge({ passed, failed, errors }: Summary): string {
    const text = failed + errors === 0 ? `${passed} passed` : `${failed + errors} failed, ${passed} passed`;
    const colour = failed + errors === 0 ? "#2ea44f" : "#cf222e";
    const left = LABEL.length * CHARACTER + 12;
    const width = left + text.length * CHARACTER + 12;
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="20" role="img" aria-label="${escaped(`${LABEL}: ${text}`)}">
  <title>${escaped(`${LABEL}: ${text}`)}</title>
  <rect width="${width}" height="20" rx="3" fill="#555"/>
  <rect x="${left}" width="${width - left}" height="20" rx="3" fill="${colour}"/>
  <g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">
    <text x="${left / 2}" y="14">${escaped(LABEL)}</text>
    <text x="${(left + width) / 2}" y="14">${escaped(text)}</text>
  </g>
</svg>
`;
}
