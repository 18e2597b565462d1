"""What jupyter-scatter's Python side sends to its widget for points of a file (x, y and value as float32, one array after the
other), as JSON: its traits with arrays in base64, and where its JavaScript is."""

import base64
import json
import sys
from pathlib import Path

import jscatter
import numpy as np
import pandas as pd

file, width, height = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
x, y, value = np.fromfile(file, dtype="<f4").reshape(3, -1)
scatter = jscatter.Scatter(
    data=pd.DataFrame({"x": x, "y": y, "value": value}),
    x="x",
    y="y",
    color_by="value",
    color_map="viridis",
    width=width,
    height=height,
)


def plain(value):
    if isinstance(value, memoryview):
        return base64.b64encode(value).decode()
    return value.item() if isinstance(value, np.generic) else str(value)


traits = {name: value for name, value in scatter.widget.get_state().items() if not name.startswith("_")}
script = str(Path(jscatter.__file__).parent / "bundle.js")
print(json.dumps({"version": jscatter.__version__, "script": script, "traits": traits}, default=plain))
