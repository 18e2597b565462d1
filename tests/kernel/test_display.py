"""What values look like: MIME bundles by the kind of value, displays that update, progress bars."""

import base64
import os
import unittest

from kernel_case import KernelCase

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


class DisplayTests(KernelCase):
    def bundle(self, code):
        outcome = self.run_cell(code)
        self.assertEqual(outcome.reply["status"], "ok", outcome.reply)
        return outcome.of_type("execute_result")[0]["data"]

    def test_own_representations(self):
        self.assertEqual(self.bundle('({ [Symbol.for("Jupyter.display")]: () => ({ "text/x": "own" }) })'), {"text/x": "own"})
        self.assertEqual(
            self.bundle('({ [Jupyter.$display]: async () => { await new Promise(r => setTimeout(r, 5)); return { "text/x": "later" } } })'),
            {"text/x": "later"},
        )
        shown_already = '({ [Symbol.for("Jupyter.display")]: () => ({}) })'
        self.assertEqual(self.run_cell(f"display({shown_already}); {shown_already}").messages, [])
        outcome = self.fail_cell('({ [Symbol.for("Jupyter.display")]: () => 5 })', "TypeError")
        self.assertIn("MIME type", outcome.reply["evalue"])
        self.fail_cell('({ [Symbol.for("Jupyter.display")]() { throw new RangeError("mine") } })', "RangeError")

    def test_charts(self):
        spec = '{ $schema: "https://vega.github.io/schema/vega-lite/v5.20.1.json", mark: "point", data: { values: [{ a: 1 }] } }'
        data = self.bundle(f"({spec})")
        self.assertEqual(data["application/vnd.vegalite.v5+json"]["mark"], "point")
        self.assertIn("text/plain", data)
        self.assertRegex(data["image/svg+xml"], r"^<svg [\s\S]*</svg>$")
        self.assertNotIn("image/svg+xml", self.bundle(f"({{ ...{spec}, mark: 5 }})"))
        self.assertIn("application/vnd.vegalite.v5+json", self.bundle(f"({{ toSpec: () => ({spec}) }})"))
        self.assertIn("application/vnd.vega.v5+json", self.bundle('({ $schema: "https://vega.github.io/schema/vega/v5.json" })'))
        plotly = self.bundle("({ data: [{ type: 'scatter', y: new Float64Array([1, 2]) }], layout: {} })")
        self.assertEqual(plotly["application/vnd.plotly.v1+json"]["data"][0]["y"], [1, 2])
        self.assertEqual(list(self.bundle("({ data: [1, 2] })")), ["text/plain"])

    def test_tables(self):
        html = self.bundle("[{ a: 1, b: '<i>' }, { a: 2, c: null }]")["text/html"]
        self.assertIn("<th>a</th><th>b</th><th>c</th>", html)
        self.assertIn("&lt;i&gt;", html)
        numbers = self.bundle("[{ a: Math.PI, b: 1e-12 / 3, c: 123456789, d: NaN }]")["text/html"]
        for text in ("3.14159", "3.33333e-13", "123456789", "NaN"):
            self.assertIn(f">{text}</td>", numbers)
        self.assertIn("200 rows", self.bundle("Array.from({ length: 200 }, (_, i) => ({ i }))")["text/html"])
        for code in ("[]", "[1, 2]", "[{ a: 1 }, 2]", "[new Map()]", "[{}]"):
            self.assertEqual(list(self.bundle(code)), ["text/plain"], code)

    def test_arquero(self):
        os.makedirs(f"{self.folder.name}/node_modules", exist_ok=True)
        packages = os.path.join(os.path.dirname(__file__), "..", "..", "node_modules")
        for name in ("arquero", "@uwdata"):
            os.symlink(os.path.abspath(os.path.join(packages, name)), f"{self.folder.name}/node_modules/{name}")
        data = self.bundle("import { table } from 'arquero'; table({ width: [2, 4], loss: [0.5, 0.25] })")
        self.assertIn("<th>width</th><th>loss</th>", data["text/html"])
        self.assertEqual(data["text/plain"], "width  loss\n2      0.5\n4      0.25\n2 rows × 2 columns")

    def test_typed_arrays(self):
        text = self.bundle("Float64Array.from({ length: 1000 }, (_, i) => i)")["text/plain"]
        self.assertEqual(text, "Float64Array(1000) [0, 1, 2, 3, 4, 5, …, 997, 998, 999]\nmin 0, mean 499.5, max 999")
        self.assertIn("1 NaN", self.bundle("const holes = new Float32Array(200); holes[3] = NaN; holes")["text/plain"])
        self.assertEqual(self.bundle("new Int8Array(3)")["text/plain"], "Int8Array(3) [ 0, 0, 0 ]")

    def test_jupyter_tags(self):
        self.assertEqual(self.bundle("Jupyter.html`<b>${1 + 1}</b>`")["text/html"], "<b>2</b>")
        self.assertEqual(self.bundle("Jupyter.md`# ${'T'}`")["text/markdown"], "# T")
        formula = self.bundle(r"Jupyter.md`$\xi = \upsilon = \chi = \langle\phi^2\rangle$ in \`code\` and \${braces}`")
        self.assertEqual(formula["text/markdown"], r"$\xi = \upsilon = \chi = \langle\phi^2\rangle$ in `code` and ${braces}")
        self.assertEqual(self.bundle(r"Jupyter.html`a\nb`")["text/html"], "a\nb")
        self.assertEqual(self.bundle("Jupyter.svg`<svg/>`")["image/svg+xml"], "<svg/>")

    def test_images(self):
        png = base64.b64decode(PNG)
        with open(f"{self.folder.name}/one.png", "wb") as file:
            file.write(png)
        self.assertEqual(self.bundle("Jupyter.image('one.png')"), {"image/png": PNG})
        self.assertEqual(self.bundle("Jupyter.image(new Uint8Array(require('fs').readFileSync('one.png')))"), {"image/png": PNG})
        self.assertIn("no PNG", self.fail_cell("Jupyter.image(Uint8Array.of(1, 2, 3))", "TypeError").reply["evalue"])

    def test_updates(self):
        outcome = self.run_cell("display(Jupyter.html`a`, { display_id: 'd1' }); updateDisplay(Jupyter.html`b`, { display_id: 'd1' })")
        [shown], [updated] = outcome.of_type("display_data"), outcome.of_type("update_display_data")
        self.assertEqual((shown["transient"], shown["data"]["text/html"]), ({"display_id": "d1"}, "a"))
        self.assertEqual((updated["transient"], updated["data"]["text/html"]), ({"display_id": "d1"}, "b"))
        self.fail_cell("display(1, { update: true })", "TypeError")
        self.assertEqual(self.run_cell("Jupyter.clearOutput({ wait: true })").of_type("clear_output"), [{"wait": True}])
        self.assertEqual(self.run_cell("await Jupyter.broadcast('display_data', { data: { 'text/plain': 'x' }, metadata: {}, transient: {} })").of_type("display_data")[0]["data"], {"text/plain": "x"})

    def test_progress(self):
        outcome = self.run_cell("const seen = []; for (const x of progress([1, 2, 3], { label: 'work' })) seen.push(x); seen.length")
        self.assertEqual(outcome.result, "3")
        self.assertEqual(len(outcome.of_type("display_data")), 1)
        last = outcome.of_type("update_display_data")[-1]
        self.assertIn("work 3/3", last["data"]["text/plain"])
        self.assertEqual(last["transient"], outcome.of_type("display_data")[0]["transient"])
        self.check("let sum = 0; for await (const x of progress((async function* () { yield 1; yield 2 })())) sum += x; sum", "3")
        many = self.run_cell("for (const x of progress(Array(1e5).keys(), { total: 1e5 }));")
        self.assertLess(len(many.of_type("update_display_data")), 20)

    def test_host_display(self):
        outcome = self.run_cell('globalThis[Symbol.for("phasebook.host")].display({ "text/plain": "host" }, { displayId: "h", metadata: { m: 1 } })')
        self.assertEqual(outcome.of_type("display_data"), [{"data": {"text/plain": "host"}, "metadata": {"m": 1}, "transient": {"display_id": "h"}}])


if __name__ == "__main__":
    unittest.main()
