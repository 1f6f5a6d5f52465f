import MartletNN
import MartletTensor
import MartletTestSupport
import Testing

/// Layers and losses against PyTorch: values and gradients.
@Suite struct LayerGoldenTests {
    @Test(arguments: [DType.float64, .float32], ["layers", "convolutions"])
    func layers(dtype: DType, file: String) throws {
        let tolerance = dtype == .float64 ? 1e-10 : 1e-5
        for example in try golden(file)["cases"].list {
            let given = example["given"]
            let names = given.keys.filter { $0 != "indices" }
            let weight = example["output_weight"].tensor(dtype)
            var output: Tensor?
            let (_, gradients) = valueAndGradients(at: names.map { given[$0].tensor(dtype) }) {
                tensors in
                let named = Dictionary(uniqueKeysWithValues: zip(names, tensors))
                output = apply(example, named, given)
                return (output! * weight).sum()
            }
            #expect(largestDifference(output!, example["output"].tensor()) < tolerance)
            for (name, gradient) in zip(names, gradients) {
                let difference = largestDifference(gradient, example["gradients"][name].tensor())
                #expect(
                    difference < 10 * tolerance, "\(example["name"].text), \(name): \(difference)")
            }
        }
    }

    private func apply(_ example: GoldenValue, _ tensors: [String: Tensor], _ given: GoldenValue)
        -> Tensor
    {
        let options = example["options"]
        switch example["name"].text {
        case "linear":
            return Linear(weight: tensors["weight"]!, bias: tensors["bias"])(tensors["input"]!)
        case "embedding":
            let padding = options[optional: "padding_idx"]?.integer
            return Embedding(weight: tensors["weight"]!, paddingIndex: padding)(
                given["indices"].tensor().cast(to: .int32))
        case "layer_norm":
            var norm = LayerNorm(size: tensors["input"]!.shape[-1], epsilon: options["eps"].number)
            (norm.weight, norm.bias) = (tensors["weight"], tensors["bias"])
            return norm(tensors["input"]!)
        case "rms_norm":
            let (epsilon, offset) = (options["eps"].number, options["weight_offset"].number)
            guard let weight = tensors["weight"] else {
                return tensors["input"]!.rmsNorm(weight: nil, epsilon: epsilon)
            }
            var norm = RMSNorm(size: weight.count, epsilon: epsilon, weightOffset: offset)
            norm.weight = weight
            return norm(tensors["input"]!)
        case "gelu": return tensors["input"]!.gelu()
        case "gelu_tanh": return tensors["input"]!.geluTanh()
        case "silu": return tensors["input"]!.silu()
        case "gated":
            let name = options["activation"].text
            return .gated(
                name == "gelu_tanh" ? .geluTanh : GatedActivation(rawValue: name)!,
                gate: tensors["gate"]!, up: tensors["up"]!)
        case "conv2d":
            return Convolution2D(
                weight: tensors["weight"]!, bias: tensors["bias"],
                stride: size(options["stride"]), padding: size(options["padding"]),
                dilation: size(options["dilation"]), groups: options["groups"].integer)(
                    tensors["input"]!)
        case "max_pool2d":
            return tensors["input"]!.maximumPool2D(
                size: size(options["size"]), stride: size(options["stride"]),
                padding: size(options["padding"]))
        case "avg_pool2d":
            return tensors["input"]!.averagePool2D(
                size: size(options["size"]), stride: size(options["stride"]),
                padding: size(options["padding"]))
        case "max_pool1d":
            return tensors["input"]!.maximumPool1D(size: 3, stride: 2, padding: 1)
        case "avg_pool1d":
            return tensors["input"]!.averagePool1D(size: 3, stride: 2, padding: 1)
        case "adaptive_avg_pool2d": return tensors["input"]!.meanOfPlanes()
        case "conv1d":
            return Conv1D(
                weight: tensors["weight"]!, bias: tensors["bias"],
                stride: options["stride"].integer,
                padding: options["padding"].integer)(tensors["input"]!)
        case let name:
            let axis = options["axis"].integer
            let x = tensors["input"]!
            return name == "softmax" ? x.softmax(axis: axis) : x.logSoftmax(axis: axis)
        }
    }

    /// A height and a width, as PyTorch takes them.
    private func size(_ value: GoldenValue) -> Size2D {
        Size2D(height: value.list[0].integer, width: value.list[1].integer)
    }

    @Test(arguments: [DType.float64, .float32])
    func losses(dtype: DType) throws {
        let tolerance = dtype == .float64 ? 1e-10 : 1e-5
        for example in try golden("losses")["cases"].list {
            let options = example["options"]
            let reduction: Reduction = options["reduction"].text == "mean" ? .mean : .sum
            let target = example["target"].tensor(dtype)
            let (value, gradients) = valueAndGradients(at: [example["input"].tensor(dtype)]) {
                tensors in
                switch example["name"].text {
                case "cross_entropy":
                    tensors[0].softmaxCrossEntropy(
                        target.cast(to: .int32), labelSmoothing: options["label_smoothing"].number,
                        ignoredLabel: Int32(options["ignore_index"].integer), reduction: reduction)
                case "mse": tensors[0].meanSquaredError(target, reduction: reduction)
                default: tensors[0].binaryCrossEntropyWithLogits(target, reduction: reduction)
                }
            }
            let expected = example["loss"].number
            #expect(abs(value.item - expected) < tolerance * max(1, abs(expected)))
            #expect(largestDifference(gradients[0], example["gradient"].tensor()) < tolerance)
        }
    }
}
