import MartletData
import MartletTestSupport
import Testing

@Suite struct DistributionQuantileTests {
    @Test func pointsEqualTheirProbabilities() throws {
        for example in try golden("distribution_quantiles")["cases"].list {
            let (x, below) = (example["x"].number, example["below"].number)
            switch example["name"].text {
            case "normal":
                #expect(abs(NormalQuantile.value(below) - x) < 1e-8, "\(x)")
            case "student_t":
                let nu = example["degrees"].number
                for sign in [1.0, -1] {
                    let found = DistributionQuantiles.studentT(
                        sign > 0 ? below : 1 - below, degrees: nu)
                    #expect(abs(found - sign * x) < 1e-6, "\(nu) degrees: \(found) for \(x)")
                }
            default:
                let (mean, dispersion) = (example["mean"].number, example["dispersion"].number)
                // Just below the probability of at most x the quantile is x, just above it the next count.
                for (share, count) in [(1 - 1e-9, x), (1 + 1e-9, x + 1)] where below * share < 1 {
                    #expect(
                        DistributionQuantiles.negativeBinomial(
                            below * share, mean: mean, dispersion: dispersion) == count,
                        "mean \(mean), dispersion \(dispersion)")
                }
            }
        }
    }
}
