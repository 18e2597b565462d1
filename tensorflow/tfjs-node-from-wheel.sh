#!/usr/bin/env bash
# Builds the native addon of @tensorflow/tfjs-node with the TensorFlow of a Python wheel, because its own install script
# downloads from elsewhere: `tfjs-node-from-wheel.sh node_modules/@tensorflow/tfjs-node tensorflow-cpu==VERSION`.
# Needs python3 with pip, a C++ compiler and Node's headers. 900 MB, about a minute.
set -euo pipefail
package=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m pip download --quiet --no-deps --dest "$work" "$2"
python3 - "$work" "$package" <<'PY'
import glob, pathlib, sys, zipfile

work, package = sys.argv[1], pathlib.Path(sys.argv[2])
headers = "tensorflow/include/"
libraries = ("libtensorflow_cc.so.2", "libtensorflow_framework.so.2")
with zipfile.ZipFile(glob.glob(work + "/*.whl")[0]) as wheel:
    for entry in wheel.namelist():
        if entry.startswith(headers) and entry.endswith(".h"):
            target = package / "deps/include" / entry[len(headers) :]
        elif pathlib.PurePath(entry).name in libraries:
            target = package / "deps/lib" / pathlib.PurePath(entry).name
        else:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(wheel.read(entry))
PY
ln -sf libtensorflow_cc.so.2 "$package/deps/lib/libtensorflow.so"
ln -sf libtensorflow_framework.so.2 "$package/deps/lib/libtensorflow_framework.so"
cd "$package"
npx --yes node-gyp rebuild --module_name=tfjs_binding --module_path="$package/lib/napi-v8" --napi_build_version=8
