/**
 * The kernel against Jupyter's own Python client: the conformance suite jupyter_kernel_test and the cases of this
 * folder's `test_*.py`.
 */
import { fromRoot } from "../support/paths.js";
import { testPythonSuites } from "../support/python-suite.js";

testPythonSuites(fromRoot("tests/kernel"));
