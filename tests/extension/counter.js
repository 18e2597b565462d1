/* global document */
/** A counter as its users write one: a button, and messages in both directions. */
function render({ model, el }) {
  const button = document.createElement("button");
  button.className = "counter";
  const show = () => (button.textContent = `count is ${model.get("value")}`);
  button.addEventListener("click", () => {
    model.set("value", model.get("value") + 1);
    model.save_changes();
  });
  model.on("change:value", show);
  model.on("msg:custom", ({ shout }, [bytes]) => {
    button.title = `${shout} ${bytes.getUint8(0)}`;
    model.send({ heard: shout }, undefined, [new Uint8Array([bytes.getUint8(0) + 1])]);
  });
  show();
  el.append(button);
}
export default { render };
