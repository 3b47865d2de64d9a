import { constants } from "node:fs";
import { mkdir, open, readdir, readFile, rename, unlink, type FileHandle } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import type { FilePort, WritableFile } from "./file-port.js";
import { lockDirectory } from "./store-lock.js";

const DIRECTORY_MODE = 0o700;
const FILE_MODE = 0o600;

/** The file system of this machine. `sync` is fdatasync(2), on macOS F_FULLFSYNC (libuv sees to that). */
export const nodeFiles: FilePort = {
    makeDirectory,
    list: directory => readdir(directory),
    read: path => readFile(path),
    async open(path, mode) {
        const flags = mode === "create" ? constants.O_CREAT | constants.O_EXCL : 0;
        return new NodeFile(await open(path, constants.O_WRONLY | flags, FILE_MODE));
    },
    rename,
    remove: unlink,
    syncDirectory,
    lock: lockDirectory,
};

class NodeFile implements WritableFile {
    readonly #handle: FileHandle;

    constructor(handle: FileHandle) {
        this.#handle = handle;
    }

    async write(bytes: Uint8Array, position: number): Promise<void> {
        let written = 0;
        while (written < bytes.length) {
            const result = await this.#handle.write(bytes, written, bytes.length - written, position + written);
            written += result.bytesWritten;
        }
    }

    sync(): Promise<void> {
        return this.#handle.datasync();
    }

    truncate(length: number): Promise<void> {
        return this.#handle.truncate(length);
    }

    close(): Promise<void> {
        return this.#handle.close();
    }
}

/** Each new directory is an entry of its parent, and lost with it unless the parent is synced. */
async function makeDirectory(path: string): Promise<void> {
    const target = resolve(path);
    const first = await mkdir(target, { recursive: true, mode: DIRECTORY_MODE });
    if (first === undefined) {
        return;
    }
    let child = target;
    do {
        await syncDirectory(dirname(child));
        child = dirname(child);
    } while (child.length >= first.length);
}

async function syncDirectory(directory: string): Promise<void> {
    // Windows cannot open directories; NTFS journals their entries itself.
    if (process.platform === "win32") {
        return;
    }
    const handle = await open(join(directory, "."), constants.O_RDONLY);
    try {
        await handle.sync();
    } finally {
        await handle.close();
    }
}
