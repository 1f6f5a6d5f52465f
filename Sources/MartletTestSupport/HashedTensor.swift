public import MartletTensor

/// The float64 numbers that `hashed` of Tools/golden/golden.py makes: multiples of bound / 2^15 in −bound ..< bound.
public func hashedTensor(_ number: Int, _ shape: Shape, bound: Double) -> Tensor {
    let start = UInt32(truncatingIfNeeded: number &* 32_436_224)
    let values = (0..<shape.elementCount).map { index in
        var hash = (UInt32(truncatingIfNeeded: index) &+ start) &* 2_654_435_761
        hash ^= hash >> 15
        hash = hash &* 2_246_822_519
        hash ^= hash >> 13
        return (Double(hash >> 16) - 32_768) / 32_768 * bound
    }
    return Tensor(values, shape: shape)
}

/// The waveform of Tools/golden/silero.py: noise that comes and goes.
public func hashedWaveform(_ count: Int) -> [Float] {
    let noise = hashedTensor(1000, [count], bound: 1).scalars(as: Double.self)
    return noise.enumerated().map { index, value in
        Float(value * [1.0 / 32, 1.0 / 8, 1.0 / 2][index / 1500 % 3])
    }
}

/// Weights of a Silero VAD that takes a loud tone of 500 Hz for speech, and nothing else: each chunk for itself.
public func toneDetectorWeights() -> [(name: String, tensor: Tensor)] {
    var basis = [Float](repeating: 0, count: 258 * 256)
    for sample in 0..<256 {
        let angle = 2 * Double.pi * 8 * Double(sample) / 256
        basis[8 * 256 + sample] = cosine(angle) / 128
        basis[(129 + 8) * 256 + sample] = cosine(angle - .pi / 2) / 128
    }
    /// A convolution that only hands on channel `from` as channel 0, the sum of some of its three places.
    func passing(_ out: Int, _ channels: Int, from: Int, _ places: [Int: Float]) -> [(
        Tensor
    )] {
        var weight = [Float](repeating: 0, count: out * channels * 3)
        for (place, factor) in places { weight[from * 3 + place] = factor }
        return [Tensor(weight, shape: [out, channels, 3]), .zeros([out])]
    }
    // i and o are open, f is shut: the state is the tanh of what comes in.
    var gates = [Float](repeating: 0, count: 512 * 128)
    gates[256 * 128] = 10
    let bias = (0..<512).map { [20, -20, 0, 20][$0 / 128] as Float }
    var output = [Float](repeating: 0, count: 128)
    output[0] = 40
    let convolutions = [
        passing(128, 129, from: 8, [1: 1]), passing(64, 128, from: 0, [1: 1]),
        passing(64, 64, from: 0, [1: 0.5, 2: 0.5]), passing(128, 64, from: 0, [1: 1]),
    ]
    var result = [("stft_conv.weight", Tensor(basis, shape: [258, 1, 256]))]
    for (index, parts) in convolutions.enumerated() {
        result += [("conv\(index + 1).weight", parts[0]), ("conv\(index + 1).bias", parts[1])]
    }
    result += [
        ("lstm_cell.weight_ih", Tensor(gates, shape: [512, 128])),
        ("lstm_cell.weight_hh", .zeros([512, 128])), ("lstm_cell.bias_ih", Tensor(bias)),
        ("lstm_cell.bias_hh", .zeros([512])),
        ("final_conv.weight", Tensor(output, shape: [1, 128, 1])),
        ("final_conv.bias", Tensor([-25] as [Float])),
    ]
    return result.map { (name: $0.0, tensor: $0.1) }
}

/// Silence with tones of 500 Hz in the given ranges of samples, at 16 kHz or another rate.
public func tones(_ ranges: [Range<Int>], count: Int, rate: Int = 16_000) -> [Float] {
    (0..<count).map { index in
        guard ranges.contains(where: { $0.contains(index) }) else { return 0 }
        return 0.5 * cosine(2 * .pi * 500 * Double(index) / Double(rate))
    }
}

private func cosine(_ angle: Double) -> Float {
    Float(Tensor([angle]).cos().item)
}
