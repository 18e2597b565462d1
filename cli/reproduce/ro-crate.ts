/** The report's folder as a Workflow Run RO-Crate, https://w3id.org/ro/wfrun/workflow/0.5. */
import type { Json } from "../../src/protocol.js";
import type { NotebookReport, Report } from "./report.js";

/** The command line as a file: what the crate says was run. */
export const WORKFLOW_FILE = "reproduce.sh";

export function workflowScript({ command, provenance: { phasebook, commit } }: Report): string {
  return `#!/bin/sh\n# phasebook ${phasebook}${commit ? `, commit ${commit}` : ""}\n${command}\n`;
}

type Entity = Record<string, Json>;

const PROFILES = [
  "https://w3id.org/ro/wfrun/process/0.5",
  "https://w3id.org/ro/wfrun/workflow/0.5",
  "https://w3id.org/workflowhub/workflow-ro-crate/1.0",
];
const ENGINE = "#phasebook";
const LANGUAGE = "#shell";
const PERSON = "#agent";

const reference = (id: string): Entity => ({ "@id": id });
const references = (entities: readonly Entity[]): Entity[] =>
  entities.map((entity) => reference(entity["@id"] as string));

/** @param notebookFile where an executed notebook lies, relative to the crate */
export function roCrate(report: Report, notebookFile: (id: string) => string): Json {
  const results = resultFiles(report, notebookFile);
  const inputs = inputEntities(report);
  const action = actionOf(report, inputs, results);
  const contents = [reference(WORKFLOW_FILE), ...references(results)];
  const graph: Entity[] = [
    {
      "@id": "ro-crate-metadata.json",
      "@type": "CreativeWork",
      conformsTo: [reference("https://w3id.org/ro/crate/1.1"), reference(PROFILES[2]!)],
      about: reference("./"),
    },
    {
      "@id": "./",
      "@type": "Dataset",
      name: "Reproduction of Phasebook notebooks",
      description: `What \`${report.command}\` found: claims with verdicts, figures beside the committed ones, executed notebooks.`,
      datePublished: report.ended,
      license: reference("https://spdx.org/licenses/MIT"),
      author: reference(PERSON),
      conformsTo: PROFILES.map(reference),
      mainEntity: reference(WORKFLOW_FILE),
      hasPart: contents,
      mentions: reference("#run"),
    },
    ...PROFILES.map((id) => ({
      "@id": id,
      "@type": "CreativeWork",
      name: profileName(id),
      version: id.split("/").at(-1)!,
    })),
    { "@id": "https://spdx.org/licenses/MIT", "@type": "CreativeWork", name: "MIT License" },
    ...workflowEntities(report, inputs),
    action,
    ...inputs,
    ...results,
  ];
  return {
    "@context": ["https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/terms/workflow-run/context"],
    "@graph": graph,
  };
}

const profileName = (id: string): string =>
  id.includes("process") ? "Process Run Crate" : id.includes("wfrun") ? "Workflow Run Crate" : "Workflow RO-Crate";

function workflowEntities({ provenance, started }: Report, inputs: readonly Entity[]): Entity[] {
  const { phasebook, commit } = provenance;
  return [
    {
      "@id": WORKFLOW_FILE,
      "@type": ["File", "SoftwareSourceCode", "ComputationalWorkflow"],
      name: "phasebook reproduce",
      conformsTo: reference("https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"),
      description: "Runs notebooks with a fresh kernel each and compares claims and figures with the committed ones.",
      encodingFormat: "text/x-shellscript",
      programmingLanguage: reference(LANGUAGE),
      license: reference("https://spdx.org/licenses/MIT"),
      creator: reference(PERSON),
      dateCreated: started,
      version: phasebook,
      input: inputs.filter(({ exampleOfWork }) => exampleOfWork).map(({ exampleOfWork }) => exampleOfWork!),
    },
    ...PARAMETERS.map((name) => ({
      "@id": `#parameter-${name}`,
      "@type": "FormalParameter",
      additionalType: name === "seed" ? "Integer" : "Text",
      conformsTo: reference("https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"),
      name,
      description: `The option --${name} of phasebook reproduce.`,
    })),
    {
      "@id": LANGUAGE,
      "@type": "ComputerLanguage",
      name: "POSIX shell",
      url: "https://pubs.opengroup.org/onlinepubs/9799919799/",
    },
    {
      "@id": ENGINE,
      "@type": "SoftwareApplication",
      name: "phasebook",
      softwareVersion: phasebook,
      ...(commit && { identifier: commit }),
      softwareRequirements: `Node ${provenance.node.cells}, engine ${provenance.engine.name} (${provenance.engine.description})`,
      url: "https://www.npmjs.com/package/phasebook",
    },
    { "@id": PERSON, "@type": "Person", name: process.env["USER"] ?? "unknown" },
  ];
}

const PARAMETERS = ["size", "seed", "engine"] as const;

function actionOf(report: Report, inputs: readonly Entity[], results: readonly Entity[]): Entity {
  const { exitCode, started, ended, provenance } = report;
  const { cpu, cores, memoryGB, system } = provenance.machine;
  return {
    "@id": "#run",
    "@type": "CreateAction",
    name: `phasebook reproduce, exit code ${exitCode}`,
    description: `On ${cores} × ${cpu}, ${memoryGB} GB, ${system}`,
    instrument: reference(WORKFLOW_FILE),
    agent: reference(PERSON),
    startTime: started,
    endTime: ended,
    // The action is the check; that a claim failed is its result.
    actionStatus: "http://schema.org/CompletedActionStatus",
    object: references(inputs),
    result: references(results),
  };
}

function inputEntities({ notebooks, provenance }: Report): Entity[] {
  const settings = notebooks[0]?.settings;
  const values = PARAMETERS.map((name) => ({
    "@id": `#value-${name}`,
    "@type": "PropertyValue",
    name,
    value: settings?.[name] ?? provenance.engine.name,
    exampleOfWork: reference(`#parameter-${name}`),
  }));
  const data = Object.entries(provenance.data).map(([name, digest]) => ({
    "@id": `#data-${name}`,
    "@type": "CreativeWork",
    name,
    identifier: `sha256:${digest}`,
  }));
  const sources = notebooks.map(({ id, title, sha256 }) => ({
    "@id": `#notebook-${encodeURIComponent(id)}`,
    "@type": "CreativeWork",
    name: title,
    identifier: `sha256:${sha256}`,
  }));
  return [...values, ...data, ...sources];
}

function resultFiles({ notebooks, ended }: Report, notebookFile: (id: string) => string): Entity[] {
  const file = (id: string, name: string, encodingFormat: string): Entity => ({
    ...{ "@id": id, "@type": "File", name, description: name, encodingFormat, dateModified: ended },
  });
  const ran = ({ started, state }: NotebookReport) => started !== undefined && state !== "interrupted";
  return [
    file("report.html", "Report", "text/html"),
    file("report.json", "Report as data", "application/json"),
    file("junit.xml", "Report as JUnit XML", "application/xml"),
    ...notebooks
      .filter(ran)
      .map(({ id, title }) => file(notebookFile(id), `${title}, executed`, "application/x-ipynb+json")),
  ];
}
