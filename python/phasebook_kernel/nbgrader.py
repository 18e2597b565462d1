"""Settings of nbgrader for notebooks in TypeScript."""


def configure(config):
    """Tells nbgrader TypeScript's comments, and what stands in the place of a solution. Call it in nbgrader_config.py."""
    config.ClearSolutions.code_stub = {"typescript": "// YOUR CODE HERE\nthrow new Error('not implemented');"}
    config.ClearSolutions.begin_solution_delimeter = "/// BEGIN SOLUTION"
    config.ClearSolutions.end_solution_delimeter = "/// END SOLUTION"
    config.ClearHiddenTests.begin_test_delimeter = "/// BEGIN HIDDEN TESTS"
    config.ClearHiddenTests.end_test_delimeter = "/// END HIDDEN TESTS"
