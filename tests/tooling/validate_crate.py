"""Validates a Workflow Run RO-Crate with roc-validator, without a network.

    python validate_crate.py FOLDER

The JSON-LD contexts that crates name lie on the web; this gives the part of them that a report uses.
"""
import sys

from rocrate_validator import models, services
from rocrate_validator.utils import document_loader

SCHEMA = "http://schema.org/"
BIOSCHEMAS = "https://bioschemas.org/"
CONTEXT = {
    "@context": {
        "@vocab": SCHEMA,
        "File": SCHEMA + "MediaObject",
        "ComputationalWorkflow": BIOSCHEMAS + "ComputationalWorkflow",
        "FormalParameter": BIOSCHEMAS + "FormalParameter",
        "input": BIOSCHEMAS + "properties/input",
        "output": BIOSCHEMAS + "properties/output",
        "conformsTo": "http://purl.org/dc/terms/conformsTo",
    }
}
load = document_loader._original_source_to_json
document_loader._original_source_to_json = lambda source, *rest, **options: (
    (CONTEXT, None) if isinstance(source, str) and source.startswith("https://w3id.org/ro/") else load(source, *rest, **options)
)

settings = services.ValidationSettings(
    rocrate_uri=sys.argv[1],
    profile_identifier="workflow-run-crate",
    requirement_severity=models.Severity.RECOMMENDED,
    # Whether the contexts can be fetched.
    skip_checks=["ro-crate-1.1_3.1", "ro-crate-1.1_3.2"],
)
result = services.validate(settings)
for issue in result.get_issues():
    print(f"{issue.severity.name}: {issue.check.identifier}: {issue.message}")
print("valid" if not result.has_issues(models.Severity.REQUIRED) else "invalid")
