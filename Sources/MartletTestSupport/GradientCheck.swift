public import MartletTensor

/// The largest relative error of a function's gradient, against central differences in double precision.
///
/// The function may give a tensor of any shape; its product with fixed numbers is what is differentiated.
///
/// - Parameters:
///   - inputs: float64 tensors, away from points where the function is not smooth.
///   - step: the distance of a difference's two points from the middle.
public func gradientError(
    at inputs: [Tensor], step: Double = 1e-5, of function: ([Tensor]) -> Tensor
) -> Double {
    var random = RandomGenerator(seed: 99)
    let weights = random.uniform(function(inputs).shape, in: 0.5...1.5, dtype: .float64)
    func scalar(_ inputs: [Tensor]) -> Tensor { (function(inputs) * weights).sum() }
    let (_, gradients) = valueAndGradients(at: inputs, scalar)
    var worst = 0.0
    for (index, input) in inputs.enumerated() {
        let values = input.scalars(as: Double.self)
        let analytic = gradients[index].scalars(as: Double.self)
        for position in values.indices {
            func value(_ offset: Double) -> Double {
                var moved = values
                moved[position] += offset
                var all = inputs
                all[index] = Tensor(moved, shape: input.shape)
                return scalar(all).item
            }
            let numeric = (value(step) - value(-step)) / (2 * step)
            let error = abs(numeric - analytic[position]) / max(1, abs(numeric))
            worst = error.isNaN ? .infinity : max(worst, error)
        }
    }
    return worst
}
