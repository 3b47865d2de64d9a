import { beforeEach, describe, expect, it } from "vitest";
import { doneValue } from "./command.js";
import type { ReplyEffect } from "./effect.js";
import { Ledger } from "./ledger.js";
import { Row } from "./row.js";

interface Note {
    readonly text: string;
}

class NoteRow extends Row<Note> {
    progress = false;
    readonly heard: string[] = [];

    constructor(id: number, stored: Note | null = null) {
        super("item", id, stored);
        this.durable = stored;
    }

    isProgress(): boolean {
        return this.progress;
    }

    takenBack(): void {
        this.heard.push(`taken back to ${this.record?.text}`);
    }

    landed(before: Note | null): void {
        this.heard.push(`landed ${before?.text} > ${this.durable?.text}`);
    }
}

const note = (text: string): Note => ({ text });
const reply = (command: number): ReplyEffect => ({ type: "reply", command, result: doneValue });
const event = { type: "event", event: { type: "nodeAdded", node: 1n as never } } as const;

let ledger: Ledger;
let row: NoteRow;
beforeEach(() => {
    ledger = new Ledger();
    row = new NoteRow(7);
});

describe("a batch", () => {
    it("holds each changed row once, with its latest record, in the order of first change", () => {
        const other = new NoteRow(8, note("old"));
        ledger.write(row, note("a"));
        ledger.write(other, null);
        ledger.write(row, note("b"));
        expect(ledger.nextBatch()).toEqual({
            id: 1,
            puts: [
                { table: "item", id: 7, record: note("b") },
                { table: "item", id: 8, record: null },
            ],
        });
    });

    it("does not begin while another is in flight; what changes meanwhile forms the next", () => {
        ledger.write(row, note("a"));
        ledger.nextBatch();
        ledger.write(row, note("b"));
        expect(ledger.waitsForStore).toBe(true);
        expect(ledger.nextBatch()).toBeNull();
        ledger.landed(1);
        expect(row.durable).toEqual(note("a"));
        expect(row.record).toEqual(note("b"));
        expect(ledger.nextBatch()).toEqual({ id: 2, puts: [{ table: "item", id: 7, record: note("b") }] });
    });

    it("does not begin when nothing changed", () => {
        expect(ledger.nextBatch()).toBeNull();
        expect(ledger.idle).toBe(true);
    });

    it("leaves out what was changed and changed back", () => {
        const stored = note("old");
        const kept = new NoteRow(9, stored);
        ledger.write(kept, note("new"));
        ledger.write(kept, stored);
        ledger.write(row, note("a"));
        expect(ledger.nextBatch()!.puts.map(put => put.id)).toEqual([7]);
    });

    it("tells its rows what became durable, from the image before", () => {
        ledger.write(row, note("a"));
        ledger.nextBatch();
        ledger.landed(1);
        ledger.write(row, note("b"));
        ledger.nextBatch();
        ledger.landed(2);
        expect(row.heard).toEqual(["landed undefined > a", "landed a > b"]);
        expect(ledger.idle).toBe(true);
    });

    it("lands or is refused once; another id is nobody's", () => {
        ledger.write(row, note("a"));
        ledger.nextBatch();
        expect(ledger.landed(2)).toBeNull();
        expect(ledger.refused(0)).toBeNull();
        expect(ledger.landed(1)).not.toBeNull();
        expect(ledger.landed(1)).toBeNull();
        expect(ledger.refused(1)).toBeNull();
    });
});

describe("a refused batch", () => {
    it("takes back what was in flight and what was forming on top of it", () => {
        const stored = note("old");
        const other = new NoteRow(8, stored);
        ledger.write(row, note("a"));
        ledger.nextBatch();
        ledger.write(other, note("b"));
        ledger.write(row, note("c"));
        const outcome = ledger.refused(1)!;
        expect(row.record).toBeNull();
        expect(other.record).toBe(stored);
        expect(outcome.takenBack).toEqual([row, other]);
        expect(row.heard).toEqual(["taken back to undefined"]);
        expect(ledger.idle).toBe(true);
        expect(ledger.nextBatch()).toBeNull();
    });

    it("keeps progress and tries it again", () => {
        row.progress = true;
        const forming = new NoteRow(8);
        forming.progress = true;
        ledger.write(row, note("a"));
        ledger.nextBatch();
        ledger.write(forming, note("b"));
        const outcome = ledger.refused(1)!;
        expect([outcome.takenBack, outcome.retried]).toEqual([[], 2]);
        expect(row.heard).toEqual([]);
        expect(ledger.nextBatch()).toEqual({
            id: 2,
            puts: [
                { table: "item", id: 7, record: note("a") },
                { table: "item", id: 8, record: note("b") },
            ],
        });
    });

    it("answers the commands whose change it held, and those on top of it, with STORE_REFUSED", () => {
        ledger.write(row, note("a"));
        ledger.defer(reply(1), true);
        ledger.defer(reply(2), false);
        ledger.defer(event, false);
        ledger.nextBatch();
        ledger.write(row, note("b"));
        ledger.defer(reply(3), true);
        expect(ledger.refused(1)!.effects).toEqual([
            { type: "reply", command: 1, result: { ok: false, error: expect.objectContaining({ code: "STORE_REFUSED" }) as object } },
            reply(2),
            event,
            { type: "reply", command: 3, result: { ok: false, error: expect.objectContaining({ code: "STORE_REFUSED" }) as object } },
        ]);
        row.progress = true;
        ledger.write(row, note("c"));
        ledger.nextBatch();
        expect(ledger.landed(2)!.effects).toEqual([]);
    });
});

describe("an effect", () => {
    it("has nothing to wait for while nothing changed", () => {
        expect(ledger.defer(event, false)).toBe(false);
    });

    it("waits for the batch that is forming, or else for the one in flight, and leaves in order", () => {
        ledger.write(row, note("a"));
        expect(ledger.defer(reply(1), true)).toBe(true);
        ledger.nextBatch();
        expect(ledger.defer(reply(2), false)).toBe(true);
        ledger.write(row, note("b"));
        expect(ledger.defer(reply(3), true)).toBe(true);
        expect(ledger.landed(1)!.effects).toEqual([reply(1), reply(2)]);
        ledger.nextBatch();
        expect(ledger.landed(2)!.effects).toEqual([reply(3)]);
    });

    it("makes the next batch urgent if a command's own change is in it", () => {
        ledger.write(row, note("a"));
        ledger.defer(event, false);
        expect(ledger.urgent).toBe(false);
        ledger.defer(reply(1), true);
        expect(ledger.urgent).toBe(true);
        ledger.nextBatch();
        expect(ledger.urgent).toBe(false);
        ledger.defer(reply(2), true);
        expect(ledger.urgent).toBe(false);
    });
});
