"""Imports: local files, npm packages, JSON, and the package phasebook from any folder."""

import os
import unittest

from jupyter_client.manager import start_new_kernel
from kernel_case import KernelCase


class ModuleTests(KernelCase):
    def test_local_files_reload_when_edited(self):
        self.write("lib/base.ts", "export const base: number = 10;\n")
        self.write("lib/sum.ts", 'import { base } from "./base.ts";\nexport interface Sum { s: number }\nexport const sum = (x: number): Sum => ({ s: x + base });\n')
        self.check('import { sum, type Sum } from "./lib/sum.ts"; sum(1)', "{ s: 11 }")
        self.write("lib/base.ts", "export const base: number = 2000;\n")
        self.check('import { sum, Sum } from "./lib/sum"; sum(1)', "{ s: 2001 }")
        self.check('(await import("./lib/sum.js")).sum === sum', "true")

    def test_positions_in_local_files(self):
        self.write("fail.ts", "interface A { a: 1 }\n\nexport function fail(x: number): never {\n  throw new Error(`at ${x}`);\n}\n")
        self.write("fail-enum.ts", "enum E { A }\ninterface A { a: 1 }\n\nexport function fail(): never {\n  throw new Error(E[0]);\n}\n")
        self.assertIn("/fail.ts:4:9", self.fail_cell('import { fail } from "./fail.ts"; fail(1)', "Error").traceback)
        self.assertIn("/fail-enum.ts:5:9", self.fail_cell('import * as other from "./fail-enum.ts"; other.fail()', "Error").traceback)

    def test_syntax_error_in_a_local_file(self):
        self.write("broken.ts", "export const a = 1;\nexport const b = ;\n")
        outcome = self.fail_cell('import { a } from "./broken.ts"')
        self.assertIn("/broken.ts:2:18", outcome.traceback)
        self.assertNotIn("dist/kernel", outcome.traceback)

    def test_json(self):
        self.write("data.json", '{ "k": [1, 2] }')
        self.check('import data from "./data.json"; data.k[1]', "2")
        self.check('import data from "./data.json" with { type: "json" }; data.k.length', "2")

    def test_packages(self):
        self.write("node_modules/esm-only/package.json", '{ "name": "esm-only", "type": "module", "exports": "./index.js" }')
        self.write("node_modules/esm-only/index.js", "export default 'default'; export const named = 'named';")
        self.write("node_modules/cjs/package.json", '{ "name": "cjs", "main": "main.js" }')
        self.write("node_modules/cjs/main.js", "const api = { alpha: 1 }; for (const k of ['dynamic']) api[k] = 2; module.exports = api;")
        self.check('import fallback, { named } from "esm-only"; fallback + named', "'defaultnamed'")
        self.check('import cjs, { alpha, dynamic } from "cjs"; [cjs.alpha, alpha, dynamic]', "[ 1, 1, 2 ]")
        self.check('require("cjs").dynamic', "2")
        self.check('const { join } = await import("node:path"); join("a", "b")', "'a/b'")

    def test_missing(self):
        for code in ('import x from "not-there/sub"', 'require("not-there")', 'await import("not-there")'):
            outcome = self.fail_cell(code, "ModuleNotFoundError")
            self.assertIn(self.folder.name, outcome.reply["evalue"])
            self.assertIn("npm install not-there", outcome.reply["evalue"])
            self.assertIn(f"Cell[{outcome.reply['execution_count']}]:1:", outcome.traceback)
        self.assertIn("npm install @scope/name", self.fail_cell('import "@scope/name/deep"').reply["evalue"])
        self.assertIn("./nowhere", self.fail_cell('import "./nowhere"', "ModuleNotFoundError").reply["evalue"])
        self.assertIn('"nope"', self.fail_cell('import { nope } from "node:fs"; nope()', "SyntaxError").reply["evalue"])

    def test_binary_of_another_node(self):
        self.write("node_modules/binary/index.js", "throw new Error('compiled against … NODE_MODULE_VERSION 115')")
        self.assertIn("PHASEBOOK_NODE", self.fail_cell('import "binary"', "Error").traceback)

    def test_phasebook_from_any_folder(self):
        self.check('import * as phasebook from "phasebook"; Object.keys(phasebook).length > 0', "true")
        self.write("other/node_modules/phasebook/package.json", '{ "name": "phasebook", "main": "own.js" }')
        self.write("other/node_modules/phasebook/own.js", "exports.own = true")
        self.write("other/user.mjs", 'export { own } from "phasebook";')
        self.check('(await import("./other/user.mjs")).own', "true")

    def test_phasebook_first(self):
        """Loaded before anything else, it is the same module that files import afterwards; so are mistakes told."""
        self.write("first/user.ts", 'export { linspace } from "phasebook";')
        results = self.run_elsewhere("first", [
            'await import("phasebook/nonsense").catch((error) => /nonsense.*package.json/s.test(error.message))',
            'import { linspace } from "phasebook"; linspace(0, 1, 2).length',
            'import { linspace as theirs } from "./user"; theirs === linspace',
            'import { linspace as again } from "phasebook"; again === linspace',
        ])
        self.assertEqual(results, ["true", "2", "true", "true"])

    def test_phasebook_after_another_package(self):
        """It is the same module for cells, packages and files; CommonJS finds its modules by itself."""
        self.write("later/node_modules/other/package.json", '{ "name": "other", "type": "module", "exports": "./index.js" }')
        self.write("later/node_modules/other/index.js", 'export { linspace } from "phasebook";')
        self.write("later/node_modules/common/index.js", "const { join } = require('node:path'); exports.parts = [join('a', 'b'), require('./data.json').k, require('./part')];")
        self.write("later/node_modules/common/data.json", '{ "k": 1 }')
        self.write("later/node_modules/common/part.js", "module.exports = import('phasebook').then(({ linspace }) => linspace);")
        self.write("later/user.ts", 'import { parts } from "common"; import text from "./data.json"; export const found: unknown[] = [...parts.slice(0, 2), text.k];')
        self.write("later/data.json", '{ "k": 2 }')
        self.write("later/local.cjs", 'exports.k = require("./data.json").k')
        results = self.run_elsewhere("later", [
            'import { linspace as theirs } from "other"; import { linspace } from "phasebook"; theirs === linspace',
            'import { parts } from "common"; await parts[2] === linspace',
            'import { found } from "./user"; found.join()',
            'import { found as again } from "./user.js"; again === found',
            'import { k } from "./local.cjs"; k + require("./data.json").k',
        ])
        self.assertEqual(results, ["true", "true", "'a/b,1,2'", "true", "4"])

    def test_hooks_without_a_thread(self):
        """Where Node has them: they are asked twice for each of a package's files."""
        self.write("threads/local.ts", "export const n: number = 1;")
        results = self.run_elsewhere("threads", [
            "const loader = require('node:module'); const { register } = loader; let threads = 0;"
            "loader.register = (...setup) => { threads++; return register(...setup) }; loader.syncBuiltinESMExports();",
            'import { n } from "./local"; n',
            "threads === (loader.registerHooks === undefined ? 1 : 0)",
        ])
        self.assertEqual(results, ["1", "true"])

    def test_interrupt_of_an_import(self):
        self.write("endless.ts", "console.log('started');\nfor (;;);")
        self.write("after.ts", "enum E { A }\nexport const name: string = E[0];")
        outcome = self.interrupt("import './endless' // prints 'started'")
        self.assertEqual(outcome.reply["ename"], "KeyboardInterrupt")
        self.check('import { name } from "./after"; name', "'A'")

    def test_own_phasebook_of_the_notebooks_folder(self):
        self.write("own/node_modules/phasebook/package.json", '{ "name": "phasebook", "main": "own.js" }')
        self.write("own/node_modules/phasebook/own.js", "exports.own = true")
        self.write("own/user.ts", 'export { own } from "phasebook";')
        cells = ['import { own } from "phasebook"; own', 'import { own as theirs } from "./user"; theirs']
        self.assertEqual(self.run_elsewhere("own", cells), ["true", "true"])

    def test_tsconfig_beside_the_notebook(self):
        self.write("proj/tsconfig.json", """{ // a comment
          "compilerOptions": { "paths": { "@lib/*": ["./src/*"], "@lib/exact": ["./src/tool.ts"] }, "strict": false,
                               "jsx": "react", "jsxFactory": "h" } }""")
        self.write("proj/src/tool.ts", "export const tool: number = 4;")
        self.write("proj/src/user.ts", 'export { tool as used } from "@lib/tool";')
        self.write("proj/src/view.tsx", "const h = (type, props) => ({ file: type, props }); export const view = <i/>;")
        results = self.run_elsewhere("proj", [
            'import { tool } from "@lib/tool"; const h = (type, props) => ({ type, props }); const e = <b id={tool} />; e',
            'import { tool as same } from "@lib/exact"; same === tool',
            'import { used } from "@lib/user"; used',
            'require("fs").writeFileSync("src/tool.ts", "export const tool: number = 50000;")',
            'import { used } from "@lib/user"; used',
            'import { view } from "./src/view"; view',
        ])
        self.assertEqual(results, ["{ type: 'b', props: { id: 4 } }", "true", "4", "50000", "{ file: 'i', props: null }"])

    def test_automatic_jsx_of_the_tsconfig(self):
        self.write("auto/tsconfig.json", '{ "compilerOptions": { "jsx": "react-jsx", "jsxImportSource": "tiny", "baseUrl": "." } }')
        self.write("auto/node_modules/tiny/package.json", '{ "name": "tiny", "type": "module", "exports": { "./jsx-runtime": "./r.js" } }')
        self.write("auto/node_modules/tiny/r.js", "export const jsx = (type) => 'tiny ' + type;")
        self.write("auto/parts/view.tsx", "export const view = <i/>;")
        self.assertEqual(self.run_elsewhere("auto", ["<b/>", 'import { view } from "parts/view"; view']), ["'tiny b'", "'tiny i'"])

    def run_elsewhere(self, folder, cells):
        """The results of cells in a kernel of another folder."""
        env = {**os.environ, **self.environment}
        manager, client = start_new_kernel(kernel_name="phasebook", cwd=f"{self.folder.name}/{folder}", env=env)
        try:
            outputs = []
            for cell in cells:
                client.execute_interactive(cell, timeout=20, output_hook=outputs.append)
            return [m["content"]["data"]["text/plain"] for m in outputs if m["msg_type"] == "execute_result"]
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)

    def test_places(self):
        self.check("[__dirname === process.cwd(), __filename.endsWith('/notebook.ts'), import.meta.dirname === __dirname]", "[ true, true, true ]")
        self.check("import.meta.url === require('node:url').pathToFileURL(__filename).href", "true")
        self.check("export const exported = 1; exports.x = exported; module.exports.x", "1")


class ChosenNodeModuleTests(ModuleTests):
    """The same on the Node that runs cells where none is named: it has synchronous hooks, which that of the tests may not have."""

    environment = {"PHASEBOOK_NODE": ""}


if __name__ == "__main__":
    unittest.main()
