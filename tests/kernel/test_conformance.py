"""The conformance suite of Jupyter (jupyter_kernel_test) against the installed kernelspec "phasebook"."""

import unittest

import jupyter_kernel_test as jkt


class PhasebookKernelTests(jkt.KernelTests):
    kernel_name = "phasebook"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    code_page_something = "Math?"
    code_generate_error = "throw new TypeError('on purpose')"
    code_clear_output = "Jupyter.clearOutput({ wait: true })"
    code_inspect_sample = "Math.max"

    completion_samples = [
        {"text": "JSON.st", "matches": {"stringify"}},
        {"text": "'😀'.codeP", "matches": {"codePointAt"}},
        {"text": "Math.LOG", "matches": {"LOG10E", "LOG2E"}},
    ]
    complete_code_samples = ["1 + 1", "const a: number = 3;", "for (const x of [1]) {\n  x;\n}", "await 5", "// note"]
    incomplete_code_samples = ["function f(", "const s = `abc", "if (true) {", "/* open", "[1, 2,", "1 +"]
    invalid_code_samples = ["const const = 1", "let a = );", "import 5"]

    code_execute_result = [
        {"code": "1 + 2", "result": "3"},
        {"code": "[1, 'a', { b: 2n }]", "result": "[ 1, 'a', { b: 2n } ]"},
        {"code": "await Promise.resolve('later')", "result": "'later'"},
        {"code": "(x => x * 6)(7)", "result": "42"},
    ]
    code_display_data = [
        {"code": "display(Jupyter.html`<b>bold</b>`)", "mime": "text/html"},
        {"code": "Jupyter.display(Jupyter.md`# title`)", "mime": "text/markdown"},
        {"code": "Jupyter.display({ 'image/svg+xml': '<svg/>' }, { raw: true })", "mime": "image/svg+xml"},
    ]
    code_history_pattern = "1 + 2*"
    supported_history_operations = ("tail", "range", "search")


class PhasebookWelcomeTests(jkt.IopubWelcomeTests):
    kernel_name = "phasebook"
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main()
