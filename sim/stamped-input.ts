import type { Input, InputBody } from "../src/core/input.js";

/** The input that the machine is given. Spelled out for what happens most: spreading an object costs more than all else here. */
export function stamped(body: InputBody, monoMs: number, wallMs: number): Input {
    switch (body.type) {
        case "answer":
            return { type: "answer", monoMs, wallMs, request: body.request, answer: body.answer };
        case "stored":
            return { type: "stored", monoMs, wallMs, batch: body.batch, durable: body.durable };
        case "wake":
            return { type: "wake", monoMs, wallMs };
        default:
            return { monoMs, wallMs, ...body };
    }
}
