import { describe, expect, it } from "vitest";
import type { Item } from "./item.js";
import { PassRequest } from "./pass-request.js";

const a = { id: 1 } as Item;
const b = { id: 2 } as Item;

describe("pass requests", () => {
    it.each(["wanted", "capacity", "verifyAll", "rewriteAll"] as const)("merge %s: one wish is enough", field => {
        const request = new PassRequest();
        request.merge(new PassRequest());
        expect(request[field]).toBe(false);
        const other = new PassRequest();
        other[field] = true;
        request.merge(other);
        request.merge(new PassRequest());
        expect(request[field]).toBe(true);
    });

    it("merge their items and commands", () => {
        const request = new PassRequest();
        request.addVerify(a);
        request.commands.push(1);
        const other = new PassRequest();
        other.addVerify(a);
        other.addVerify(b);
        other.addRewrite(b);
        other.commands.push(2);
        request.merge(other);
        expect([[...request.verify], [...request.rewrite], request.commands]).toEqual([[a, b], [b], [1, 2]]);
    });

    it("are awaited when something is to be found out about items", () => {
        const request = new PassRequest();
        request.wanted = request.capacity = true;
        expect(request.isAwaited).toBe(false);
        const each = [new PassRequest(), new PassRequest(), new PassRequest(), new PassRequest(), new PassRequest()] as const;
        each[0].rewriteAll = true;
        each[1].addVerify(a);
        each[2].addRewrite(a);
        each[3].commands.push(1);
        each[4].verifyAll = true;
        expect(each.map(other => other.isAwaited)).toEqual([true, true, true, true, true]);
        expect(each.map(other => other.isExplicit)).toEqual([false, false, false, true, false]);
    });
});
