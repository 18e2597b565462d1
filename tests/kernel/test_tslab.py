"""Notebooks written for tslab and jslab run unchanged: the examples of its documentation, in TypeScript and JavaScript."""

import base64
import os
import unittest

from kernel_case import KernelCase

BYTES = bytes(range(256))

PROGRESS = """{
    let display = tslab.newDisplay();
    for (let progress = 1; progress <= 3; progress++) {
      await sleep(2);
      display.text(`progress: ${progress}%`);
    }
}"""


class TslabTests(KernelCase):
    environment = {"PHASEBOOK_TYPECHECK": "error"}
    load_tslab = 'import * as tslab from "tslab"'
    load_fs = 'import fs from "fs"'
    milliseconds = "(ms: number)"

    def shown(self, code):
        outcome = self.run_cell(code)
        self.assertEqual(outcome.reply["status"], "ok", str(outcome))
        return [content["data"] for content in outcome.of_type("display_data")]

    def test_getting_started(self):
        versions = self.run_cell(f"{self.load_tslab};\nconsole.log('Versions:', tslab.versions)").stream()
        self.assertRegex(versions, r"Versions: \{\s*tslab: '1\.\d+\.\d+',\s*typescript: '5.*',\s*node: 'v\d+")
        self.check(f"{self.load_fs};\n{self.load_tslab};", None)
        html = "Hello <span style=\"color:#007ACC\"><b>Type</b>Script</span>!"
        self.assertEqual(self.shown(f"tslab.display.html('{html}')"), [{"text/html": html}])
        with open(os.path.join(self.folder.name, "image.png"), "wb") as file:
            file.write(BYTES)
        self.assertEqual(self.shown("tslab.display.png(fs.readFileSync('image.png'))"), [{"image/png": base64.b64encode(BYTES).decode()}])

    def test_one_output_that_changes(self):
        self.check(f"{self.load_tslab};\nlet sleep = {self.milliseconds} => new Promise(resolve => setTimeout(resolve, ms))", None)
        outcome = self.run_cell(PROGRESS)
        [first], later = outcome.of_type("display_data"), outcome.of_type("update_display_data")
        self.assertEqual([content["data"] for content in (first, *later)], [{"text/plain": f"progress: {i}%"} for i in (1, 2, 3)])
        self.assertEqual(len({content["transient"]["display_id"] for content in (first, *later)}), 1)

    def test_every_type(self):
        self.check(f"{self.load_tslab};", None)
        texts = {"javascript": "text/javascript", "html": "text/html", "markdown": "text/markdown", "latex": "text/latex", "svg": "image/svg+xml", "text": "text/plain"}
        for name, mime in texts.items():
            self.assertEqual(self.shown(f"tslab.display.{name}('<x/>')"), [{mime: "<x/>"}])
        for name, mime in {"png": "image/png", "jpeg": "image/jpeg", "gif": "image/gif", "pdf": "application/pdf"}.items():
            self.assertEqual(self.shown(f"tslab.display.{name}(Uint8Array.of(1, 2, 3))"), [{mime: "AQID"}])
        self.assertEqual(self.shown("tslab.display.raw('a/b', 'c')"), [{"a/b": "c"}])

    def test_local_files(self):
        self.write("shows.ts", 'import { display } from "tslab";\nexport const show = (text: string): void => display.markdown(text);\n')
        self.assertEqual(self.shown("import { show } from './shows'; show('*local*')"), [{"text/markdown": "*local*"}])


class JslabTests(TslabTests):
    """The same in JavaScript, whose notebooks use `require`."""

    environment = {}
    load_tslab = 'const tslab = require("tslab")'
    load_fs = 'const fs = require("fs")'
    milliseconds = "(ms)"

    def test_classes_without_declarations(self):
        code = "class Hello {\n  constructor(name) {\n    this.name = name;\n  }\n}\nnew Hello('tslab').name"
        self.check(code, "'tslab'")


if __name__ == "__main__":
    unittest.main()
