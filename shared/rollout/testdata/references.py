#!/usr/bin/env python3
"""Writes references.json, answers of other software, to standard output.

It has the form of a table that handoffctl check statistics reads. The packages
are on PyPI; the file names the versions that made it:

    python3 -m venv venv && venv/bin/pip install scipy statsmodels gbstats==0.8.0
    venv/bin/python references.py > references.json

scipy: chi-square and Fisher's tests. statsmodels: intervals, z, power and sample
size. gbstats, by GrowthBook: confidence sequences. The cases are the ones of the
papers that package rollout cites, and others at the edges.
"""

import json
import math
import sys
import warnings
from importlib.metadata import version

import numpy as np
from gbstats.frequentist.tests import SequentialConfig, SequentialTwoSidedTTest
from gbstats.models.statistics import SampleMeanStatistic
from scipy import stats
from statsmodels.stats import power as sm_power
from statsmodels.stats import proportion as sm

warnings.simplefilter("ignore")

PAIRS = [
    # name, successes and units of the control, of what is tried
    ("Newcombe 1998 a", 48, 80, 56, 70),
    ("Newcombe 1998 b", 3, 10, 9, 10),
    ("Newcombe 1998 c", 2, 7, 6, 7),
    ("Newcombe 1998 d", 0, 29, 5, 56),
    ("Newcombe 1998 g", 0, 20, 10, 10),
    ("lady tasting tea", 1, 4, 3, 4),
    ("GrowthBook sequential", 1396, 3000, 2422, 3461),
    ("Hillstrom 2008, men's mail, visits", 2262, 21306, 3894, 21307),
    ("Hillstrom 2008, women's mail, visits", 2262, 21306, 3238, 21387),
    ("Hillstrom 2008, men's mail, conversions", 122, 21306, 267, 21307),
    ("Hillstrom 2008, women's mail, conversions", 122, 21306, 189, 21387),
    ("no difference", 30, 100, 30, 100),
    ("a little worse", 60, 200, 52, 210),
    ("much worse", 600, 1000, 250, 900),
    ("rare", 3, 1000, 11, 1010),
    ("one in ten is tried", 400, 1800, 58, 200),
    ("nearly all", 97, 100, 90, 95),
    ("large", 51_000, 400_000, 52_500, 401_000),
]
POWER = [
    # base, change, alpha, power, ratio, alternative
    (0.1, 0.02, 0.05, 0.8, 1, "two-sided"),
    (0.3853, 0.05, 0.05, 0.8, 1, "two-sided"),
    (0.3, 0.05, 0.05, 0.9, 1, "two-sided"),
    (0.3, 0.05, 0.05, 0.8, 1, "larger"),
    (0.05, 0.05, 0.1, 0.8, 3, "two-sided"),
    (0.5, 0.2, 0.01, 0.95, 0.25, "larger"),
    (0.02, 0.005, 0.05, 0.8, 1, "two-sided"),
]
SRM = [
    ([21306, 21307, 21387], [1 / 3, 1 / 3, 1 / 3]),
    ([500, 500], [0.5, 0.5]),
    ([821, 779], [1, 1]),
    ([821588, 815482], [0.5, 0.5]),
    ([90, 1010], [0.1, 0.9]),
    ([40, 35, 80], [0.25, 0.25, 0.5]),
]
SEQUENCES = [
    # pair, alpha, tuning, difference type
    ((1396, 3000, 2422, 3461), 0.05, 5000, "relative"),
    ((1396, 3000, 2422, 3461), 0.05, 5000, "absolute"),
    ((60, 200, 52, 210), 0.1, 400, "absolute"),
    ((60, 200, 52, 210), 0.01, 1000, "relative"),
    ((400, 1800, 58, 200), 0.05, 500, "absolute"),
    ((3, 1000, 11, 1010), 0.2, 100, "absolute"),
]


def pair(name, xa, na, xb, nb):
    table = [[xb, nb - xb], [xa, na - xa]]
    out = {"name": name, "x_a": xa, "n_a": na, "x_b": xb, "n_b": nb}
    out["pooled_z"], out["pooled_p"] = sm.proportions_ztest([xb, xa], [nb, na])
    wald = sm.test_proportions_2indep(xb, nb, xa, na, method="wald", correction=False)
    out["unpooled_wald_z"], out["unpooled_wald_p"] = wald.statistic, wald.pvalue
    out["chi2"], out["chi2_p"] = stats.chi2_contingency(table, correction=False)[:2]
    out["chi2_yates"], out["chi2_yates_p"] = stats.chi2_contingency(table, correction=True)[:2]
    out["fisher_odds"], out["fisher_p"] = stats.fisher_exact(table)
    for confidence in (0.95, 0.8):
        ci = f"ci{confidence * 100:.0f}"
        for method in ("wald", "agresti-caffo", "newcomb"):
            out[f"diff_{ci}_{method}"] = sm.confint_proportions_2indep(xb, nb, xa, na, method=method, alpha=1 - confidence)
        if xa and xb:
            ratio = sm.confint_proportions_2indep(xb, nb, xa, na, compare="ratio", method="log", alpha=1 - confidence, correction=False)
            out[f"lift_{ci}_log"] = [r - 1 for r in ratio]
        for side, x, n in (("a", xa, na), ("b", xb, nb)):
            for method in ("normal", "wilson", "beta", "jeffreys", "agresti_coull"):
                out[f"{ci}_{side}_{method}"] = sm.proportion_confint(x, n, 1 - confidence, method)
    return out


def power(base, change, alpha, wanted, ratio, alternative):
    h = sm.proportion_effectsize(base + change, base)
    n = sm_power.NormalIndPower().solve_power(h, alpha=alpha, power=wanted, ratio=ratio, alternative=alternative)
    return {"base": base, "mde_abs": change, "alpha": alpha, "power": wanted, "ratio": ratio,
            "alternative": alternative, "cohen_h": h, "n_per_arm": n}


def srm(observed, ratio):
    expected = np.array(ratio) / sum(ratio) * sum(observed)
    chi2, p = stats.chisquare(observed, expected)
    return {"observed": observed, "expected_ratio": ratio, "chi2": chi2, "p": p}


class Share(SampleMeanStatistic):
    """A share with the variance p(1-p): gbstats divides sums of squares by n-1."""

    @property
    def variance(self):
        return self.mean * (1 - self.mean)


def sequence(counts, alpha, tuning, kind):
    xa, na, xb, nb = counts
    a, b = (Share(n=n, sum=x, sum_squares=x) for x, n in ((xa, na), (xb, nb)))
    config = SequentialConfig(alpha=alpha, sequential_tuning_parameter=tuning, difference_type=kind)
    result = SequentialTwoSidedTTest(a, b, config).compute_result()
    return {"x_a": xa, "n_a": na, "x_b": xb, "n_b": nb, "alpha": alpha, "tuning": tuning, "difference": kind,
            "estimate": result.expected, "ci": result.ci}


def plain(x):
    """Numbers as JSON has them: what is not defined is null."""
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple, np.ndarray)):
        return [plain(v) for v in x]
    if isinstance(x, (float, np.floating)):
        return float(x) if math.isfinite(x) else None
    return int(x) if isinstance(x, np.integer) else x


json.dump(plain({
    "versions": {p: version(p) for p in ("scipy", "statsmodels", "gbstats", "numpy")},
    "two_proportions": [pair(*p) for p in PAIRS],
    "power": [power(*p) for p in POWER],
    "srm": [srm(*s) for s in SRM],
    "sequences": [sequence(*s) for s in SEQUENCES],
}), sys.stdout, indent=1)
print()
