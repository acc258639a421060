"""What other programs see in what Vernier wrote; run by the interpreter of packages.py, prints JSON.

    readers.py optuna FILE STUDY [MORE_TRIALS] | dashboard FILE | tensorboard FOLDER | csv FILE | make_optuna FILE | network PYTHON_FILE INPUTS.csv H W C
"""
import json
import logging
import os
import sys
import warnings

warnings.filterwarnings("ignore")


def storage(file):
    import optuna
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    logging.disable(logging.CRITICAL)
    return optuna, f"sqlite:///{file}"


def read_optuna(file, name, more="0"):
    optuna, url = storage(file)
    study = optuna.load_study(study_name=name, storage=url)

    def trial(t):
        return {"number": t.number, "state": t.state.name, "values": t.values, "params": t.params, "intermediate": t.intermediate_values, "user": t.user_attrs,
                "system": t.system_attrs, "distributions": {k: repr(v) for k, v in t.distributions.items()}}

    found = {"directions": [d.name for d in study.directions], "metrics": study.metric_names, "trials": [trial(t) for t in study.trials],
             "best": [t.number for t in study.best_trials]}
    if len(study.directions) == 1:
        found["best"] = [study.best_trial.number]
    distributions = {}
    for t in study.trials:
        distributions.update(t.distributions)

    def objective(t):
        for parameter, d in distributions.items():
            t._suggest(parameter, d)
        return [float(t.number)] * len(study.directions)

    study.optimize(objective, n_trials=int(more))
    found["after"] = len(optuna.load_study(study_name=name, storage=url).trials)
    return found


def dashboard(file):
    _, url = storage(file)
    import optuna_dashboard
    app = optuna_dashboard.wsgi(url)

    def get(path):
        status = []
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "SERVER_NAME": "localhost", "SERVER_PORT": "80", "wsgi.url_scheme": "http",
                   "wsgi.input": sys.stdin.buffer, "wsgi.errors": sys.stderr, "SERVER_PROTOCOL": "HTTP/1.1"}
        body = b"".join(app(environ, lambda s, headers, e=None: status.append(s)))
        assert status[0].startswith("200"), (path, status, body[:300])
        return json.loads(body)

    studies = get("/api/studies")["study_summaries"]
    return [get(f"/api/studies/{s['study_id']}") | {"study_name": s["study_name"]} for s in studies]


def read_tensorboard(folder):
    from tensorboard.backend.event_processing import event_accumulator, event_file_loader
    from tensorboard.plugins.hparams import metadata, plugin_data_pb2

    found = {}
    for run, _, files in sorted(os.walk(folder)):
        for file in files:
            events = event_accumulator.EventAccumulator(os.path.join(run, file), size_guidance={k: 0 for k in ("scalars", "histograms", "images")})
            events.Reload()
            tags = events.Tags()
            hparams = {}
            for event in event_file_loader.LegacyEventFileLoader(os.path.join(run, file)).Load():
                for value in event.summary.value:
                    if value.metadata.plugin_data.plugin_name == metadata.PLUGIN_NAME:
                        data = plugin_data_pb2.HParamsPluginData.FromString(value.metadata.plugin_data.content)
                        if value.tag == metadata.SESSION_START_INFO_TAG:
                            assert metadata.parse_session_start_info_plugin_data(value.metadata.plugin_data.content) is not None
                            hparams = {k: getattr(v, v.WhichOneof("kind")) for k, v in data.session_start_info.hparams.items()}
                        elif value.tag == metadata.EXPERIMENT_TAG:
                            found["experiment"] = {"hparams": [i.name for i in data.experiment.hparam_infos],
                                                   "metrics": [i.name.tag for i in data.experiment.metric_infos]}
                        elif value.tag == metadata.SESSION_END_INFO_TAG:
                            found.setdefault("status", {})[os.path.basename(run)] = data.session_end_info.status
            found.setdefault("runs", {})[os.path.relpath(run, folder)] = {
                "scalars": {tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in tags["scalars"]},
                "histograms": {tag: [[e.step, list(e.histogram_value.bucket_limit), list(e.histogram_value.bucket)] for e in events.Histograms(tag)]
                               for tag in tags["histograms"]},
                "images": {tag: [[e.step, e.width, e.height, size_of(e.encoded_image_string)] for e in events.Images(tag)] for tag in tags["images"]},
                "hparams": hparams}
    return found


def size_of(png):
    """Decoded by Pillow, which TensorBoard brings along: a damaged picture is an error."""
    import io

    from PIL import Image
    image = Image.open(io.BytesIO(png))
    image.load()
    return list(image.size)


def read_csv(file):
    import pandas
    frame = pandas.read_csv(file, keep_default_na=False, na_values=[""], float_precision="round_trip")
    return {"columns": list(frame.columns), "dtypes": {c: str(d) for c, d in frame.dtypes.items()},
            "rows": json.loads(frame.to_json(orient="records", double_precision=15)),
            "exact": [[None if pandas.isna(v) else (v.item() if hasattr(v, "item") else v) for v in row] for row in frame.itertuples(index=False)]}


def make_optuna(file):
    """Studies as Optuna's own code writes them: pruned, failed and waiting trials, steps from 0, mixed choices, steps, logs, parameters under conditions."""
    optuna, url = storage(file)

    def objective(t):
        x = t.suggest_float("x", -5, 10)
        k = t.suggest_int("k", 1, 8, log=True)
        kind = t.suggest_categorical("kind", [None, 1, "a", True, 2.5])
        q = t.suggest_float("q", 0, 1, step=0.25)
        n = t.suggest_int("layers", 1, 3)
        units = [t.suggest_int(f"units_{i}", 4, 64, step=4) for i in range(n)]
        rate = t.suggest_float("rate", 1e-4, 1e-1, log=True) if kind == "a" else 0
        t.set_user_attr("sum", sum(units))
        for step in range(4):
            t.report((x - 1) ** 2 + k + q + rate + 4 - step, step)
            if t.should_prune():
                raise optuna.TrialPruned()
        if t.number == 3:
            raise ValueError("on purpose")
        return (x - 1) ** 2 + k + q + rate

    first = optuna.create_study(storage=url, study_name="first", sampler=optuna.samplers.RandomSampler(1), pruner=optuna.pruners.MedianPruner(4, 1))
    first.optimize(objective, n_trials=24, catch=ValueError)
    first.enqueue_trial({"x": 1.0})
    second = optuna.create_study(storage=url, study_name="two goals", directions=["minimize", "maximize"], sampler=optuna.samplers.RandomSampler(2))
    second.set_metric_names(["loss", "gain"])
    second.optimize(lambda t: (t.suggest_float("x", 0, 1), t.suggest_int("n", 1, 5) + 0.0), n_trials=6)
    best = first.best_trial
    return {"best": best.number, "value": best.value, "params": best.params, "states": [t.state.name for t in first.trials],
            "curve": best.intermediate_values, "front": [t.number for t in second.best_trials]}


def network(python_file, inputs, height, width, channels):
    """Labels that the exported Sequential gives: with torch where it is there, else with what numpy says of the same modules."""
    import runpy

    import numpy
    rows = numpy.loadtxt(inputs, delimiter=",", skiprows=1, dtype=numpy.float32)
    h, w, c = int(height), int(width), int(channels)
    images = rows.reshape(-1, h, w, c).transpose(0, 3, 1, 2) if h else rows
    try:
        import torch
    except ImportError:
        import numpy_torch
        torch = numpy_torch.install()
    module = runpy.run_path(python_file)
    cwd = os.getcwd()
    os.chdir(os.path.dirname(python_file) or ".")
    model = module["load"]()
    os.chdir(cwd)
    with torch.no_grad():
        outputs = model(module["prepare"](torch.tensor(numpy.ascontiguousarray(images))))
    labels = numpy.asarray(outputs).argmax(1)
    return {"with": torch.__name__, "labels": [module["classes"][k] for k in labels]}


COMMANDS = {"optuna": read_optuna, "dashboard": dashboard, "tensorboard": read_tensorboard, "csv": read_csv, "make_optuna": make_optuna, "network": network}

if __name__ == "__main__":
    print(json.dumps(COMMANDS[sys.argv[1]](*sys.argv[2:])))
