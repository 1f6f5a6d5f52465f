"""Time warping distances, metrics and scores of forecasts, and a linear autoregression with its prediction intervals.

The references: aeon (`dtw_distance`), utilsforecast (mae, rmse, smape, mase, quantile loss, coverage), scoringrules (CRPS),
scikit-learn (`Ridge`), statsmodels (`arma2ma`). They live in an environment of their own: series-requirements.txt.
"""

import importlib.metadata

import numpy
import pandas
import scoringrules
from aeon.distances import dtw_distance
from sklearn.linear_model import Ridge
from statsmodels.tsa.arima_process import arma2ma
from utilsforecast import losses

from golden import write

SEED = 20271
REFERENCES = ("aeon", "utilsforecast", "scoringrules", "scikit-learn", "statsmodels", "numpy")


def sixtyfourths(generator, *shape, bound=2.0):
    """Multiples of 1/64 in [-bound, bound]."""
    top = round(bound * 64)
    return generator.integers(-top, top + 1, shape) / 64


def rounded(values):
    return [float(f"{x:.12g}") for x in numpy.ravel(values)]


def warping(generator):
    cases = []
    for channels, n, m in ((1, 1, 1), (1, 1, 7), (1, 9, 4), (1, 30, 30), (2, 5, 12), (3, 17, 11), (12, 20, 26), (6, 40, 33)):
        a, b = sixtyfourths(generator, channels, n), sixtyfourths(generator, channels, m)
        cases.append({
            "channels": channels,
            "a": rounded(a.T), "b": rounded(b.T),  # [T, D]
            "distance": float(f"{dtw_distance(a, b):.12g}"),
        })
    return cases


def frame(**columns):
    count = len(next(iter(columns.values())))
    return pandas.DataFrame({"unique_id": "a", "ds": range(count), **columns})


def metrics(generator):
    cases = []
    for steps, season in ((1, 1), (7, 1), (24, 4), (50, 12)):
        history = sixtyfourths(generator, 60, bound=8.0) + 9
        truth, point = (sixtyfourths(generator, steps, bound=8.0) + 9 for _ in range(2))
        width = numpy.abs(sixtyfourths(generator, steps, bound=6.0))
        data = frame(y=truth, f=point, lo=point - width, hi=point + width)
        train = frame(y=history)

        def of(function, **more):
            return float(f"{function(data, models=['f'], **more)['f'].iloc[0]:.12g}")

        pinball = {
            str(q): of(lambda d, models, q=q: losses.quantile_loss(d, models={"f": "f"}, q=q)) for q in (0.1, 0.5, 0.9)}
        inside = losses.coverage(
            data.rename(columns={"lo": "f-lo-80", "hi": "f-hi-80"}), models=["f"], level=80)["f"].iloc[0]
        cases.append({
            "season": season, "history": rounded(history), "truth": rounded(truth), "point": rounded(point),
            "lower": rounded(point - width), "upper": rounded(point + width),
            "mae": of(losses.mae), "rmse": of(losses.rmse), "smape": 200 * of(losses.smape),
            "mase": of(losses.mase, seasonality=season, train_df=train),
            "pinball": pinball, "coverage": float(inside),
        })
    return cases


def scores(generator):
    levels = [0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]
    cases = []
    for _ in range(6):
        truth, mean = (float(x) for x in sixtyfourths(generator, 2))
        deviation = float(numpy.abs(sixtyfourths(generator, 1))[0] + 1 / 64)
        samples = sixtyfourths(generator, 25)
        quantiles = numpy.sort(sixtyfourths(generator, len(levels)))
        cases.append({
            "truth": truth, "mean": mean, "deviation": deviation, "samples": rounded(samples),
            "levels": levels, "quantiles": rounded(quantiles),
            "gaussian": float(f"{scoringrules.crps_normal(truth, mean, deviation):.12g}"),
            "of_samples": float(f"{scoringrules.crps_ensemble(truth, samples, estimator='nrg'):.12g}"),
            "of_quantiles": float(f"{scoringrules.crps_quantile(truth, quantiles, numpy.array(levels)):.12g}"),
        })
    return cases


def autoregression(generator):
    """y_t on its lags, scaled by the history's mean and deviation; forecasts one on another."""
    lags, ridge, horizon = [1, 2, 3, 6, 7, 8], 1e-4, 10
    t = numpy.arange(120)
    history = 20 + 4 * numpy.sin(2 * numpy.pi * t / 7) + sixtyfourths(generator, 120, bound=1.0)
    history = numpy.round(history * 64) / 64
    mean, deviation = history.mean(), history.std()
    z = (history - mean) / deviation
    rows = numpy.array([[z[i - k] for k in lags] for i in range(max(lags), len(z))])
    truth = z[max(lags):]
    model = Ridge(alpha=ridge * len(truth), solver="cholesky").fit(rows, truth)
    residuals = truth - model.predict(rows)
    error = deviation * numpy.sqrt((residuals ** 2).sum() / (len(truth) - len(lags) - 1))
    values = list(z)
    for _ in range(horizon):
        values.append(model.intercept_ + sum(c * values[len(values) - k] for c, k in zip(model.coef_, lags)))
    polynomial = numpy.zeros(max(lags) + 1)
    polynomial[0] = 1
    for weight, lag in zip(model.coef_, lags):
        polynomial[lag] = -weight
    shocks = arma2ma(polynomial, [1.0], lags=horizon)
    return {
        "order": 3, "season": 7, "ridge": ridge, "history": rounded(history),
        "point": rounded(mean + deviation * numpy.array(values[len(z):])),
        "deviations": rounded(error * numpy.sqrt(numpy.cumsum(shocks ** 2))),
    }


def main():
    generator = numpy.random.default_rng(SEED)
    write(
        "series.json", __file__, SEED,
        {"warping": warping(generator), "metrics": metrics(generator), "scores": scores(generator),
         "autoregression": autoregression(generator)},
        versions={name: importlib.metadata.version(name) for name in REFERENCES})


if __name__ == "__main__":
    main()
