"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.native = void 0;
// Loads the native binary of this platform: beside the package when built here, or from its per-platform package.
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
/** Names of this platform's binaries, as N-API spells them; on Linux the one that was installed tells the libc. */
function triples() {
    const { platform, arch } = process;
    if (platform === 'linux')
        return [`linux-${arch}-gnu`, `linux-${arch}-musl`];
    return [platform === 'win32' ? `win32-${arch}-msvc` : `${platform}-${arch}`];
}
/** Where a package of that name would be loaded from; undefined when it is not installed. */
function installed(name) {
    try {
        return require.resolve(name);
    }
    catch {
        return undefined;
    }
}
function load() {
    for (const triple of triples()) {
        const built = (0, node_path_1.join)(__dirname, '..', `stoa.${triple}.node`);
        const binary = (0, node_fs_1.existsSync)(built) ? built : installed(`stoa-node-${triple}`);
        if (binary !== undefined)
            return require(binary);
    }
    throw new Error(`stoa-node has no native binary for ${triples().join(' or ')}: run \`npm ci && npm run build\` in stoa-node ` +
        '(or `make test-node` at the root); it needs Rust and Node.js >= 20.17');
}
/** The native addon. */
exports.native = load();
