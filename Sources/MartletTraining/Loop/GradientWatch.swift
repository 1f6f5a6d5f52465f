public import MartletTensor

/// Watches the gradients of a training run, and says once each when they explode or vanish.
///
/// It reads two lengths that clipping needs anyway, that of the whole gradient and those of the recurrent matrices' parts, so
/// it costs nothing. Gradients **explode** where a length is not finite, or 100 times the highest running median so far (over
/// the last 100 steps; a run whose gradients get short does not make a usual one look long) and that what clipping leaves, or where the median itself is
/// 10,000 times what clipping leaves. They **vanish** where, for 100 steps on end, a recurrent matrix (`weight_hh`) gets less
/// than a millionth of the gradient's length: its units are dead or saturated, and nothing is learned from earlier steps.
///
/// ```swift
/// var watch = GradientWatch(clippingNorm: 1)
/// if let alarm = watch.observe(GradientLengths(gradient)) { print(alarm) }
/// ```
public struct GradientWatch: Sendable {
    /// Steps of the running median, and of a gradient that is said to vanish.
    public static let window = 100
    /// The fewest steps that a median is made of.
    public static let warmUp = 20
    /// How many times the median is an explosion.
    public static let explosion = 100.0
    /// How many times the length that clipping leaves the median may be.
    public static let excess = 10_000.0
    /// The share of a recurrent matrix below which its gradient counts as vanished.
    public static let vanishing = 1e-6

    /// The length to which gradients are cut down.
    private let clippingNorm: Double
    /// The last lengths, a ring.
    private var recent: [Double] = []
    private var place = 0
    private var highestMedian = 0.0
    private var vanishedSteps = 0
    private var hasExploded = false
    private var hasVanished = false

    /// A watch of a run from its beginning.
    public init(clippingNorm: Double) {
        self.clippingNorm = clippingNorm
    }

    /// Takes the lengths of one step; gives an alarm the first time that there is one of its kind.
    public mutating func observe(_ lengths: GradientLengths) -> GradientAlarm? {
        explosion(lengths.norm) ?? vanishing(lengths)
    }

    private mutating func explosion(_ norm: Double) -> GradientAlarm? {
        guard !hasExploded else { return nil }
        defer { if norm.isFinite { remember(norm) } }
        let isLong =
            recent.count >= Self.warmUp
            && norm > Self.explosion * max(highestMedian, min(clippingNorm, 1))
        let isExcessive =
            recent.count == Self.window && highestMedian > Self.excess * clippingNorm
        guard !norm.isFinite || isLong && highestMedian > 0 || isExcessive else { return nil }
        hasExploded = true
        return .exploding(norm: norm, usual: recent.isEmpty ? nil : highestMedian)
    }

    private mutating func remember(_ norm: Double) {
        if recent.count < Self.window { recent.append(norm) } else { recent[place] = norm }
        place = (place + 1) % Self.window
        guard recent.count >= Self.warmUp else { return }
        highestMedian = max(highestMedian, recent.sorted()[recent.count / 2])
    }

    private mutating func vanishing(_ lengths: GradientLengths) -> GradientAlarm? {
        guard !hasVanished, lengths.norm > 0, lengths.norm.isFinite, let part = lengths.recurrent
        else { return nil }
        guard part.norm < Self.vanishing * lengths.norm else {
            vanishedSteps = 0
            return nil
        }
        vanishedSteps += 1
        guard vanishedSteps == Self.window else { return nil }
        hasVanished = true
        return .vanishing(parameter: part.name, share: part.norm / lengths.norm)
    }
}

/// The lengths of a gradient that ``GradientWatch`` looks at.
public struct GradientLengths: Sendable {
    /// That of the whole gradient as one vector.
    public var norm: Double
    /// The shortest of those of recurrent matrices, with its parameter's name; nil where there is none.
    public var recurrent: (name: String, norm: Double)?

    /// These lengths.
    public init(norm: Double, recurrent: (name: String, norm: Double)? = nil) {
        self.norm = norm
        self.recurrent = recurrent
    }

    /// The lengths of a gradient, each element read once.
    public init<M: Module>(_ gradient: Gradient<M>) {
        var sum = 0.0
        var shortest: (name: String, square: Double)?
        for (name, tensor) in gradient.tensors {
            let square = tensor.sumOfSquares
            sum += square
            if name.contains("weight_hh"), !name.hasSuffix("_scale"),
                square < shortest?.square ?? .infinity
            {
                shortest = (name, square)
            }
        }
        norm = sum.squareRoot()
        recurrent = shortest.map { ($0.name, $0.square.squareRoot()) }
    }
}

/// What is wrong with a run's gradients.
public enum GradientAlarm: Sendable, Equatable, CustomStringConvertible {
    /// The gradient's length is not finite, or many times the usual one (the highest running median so far).
    case exploding(norm: Double, usual: Double?)
    /// For many steps this recurrent matrix has got next to nothing: this share of the gradient's length.
    case vanishing(parameter: String, share: Double)

    /// What happened, and what to try.
    public var description: String {
        switch self {
        case .exploding(let norm, let usual):
            let beside = usual.map { ", usual is \(Decimals.magnitude($0))" } ?? ""
            return
                "the gradients explode: their length is \(norm.isFinite ? Decimals.magnitude(norm) : "not finite")\(beside). Try a lower --learning-rate, a smaller --clip, or --cell lstm or gru; `martlet inspect gradients` shows where they grow"
        case .vanishing(let parameter, let share):
            return
                "the gradients vanish: for \(GradientWatch.window) steps \(parameter) has got \(share == 0 ? "none" : "only \(Decimals.magnitude(share))") of them, so nothing is learned from earlier steps. Try --cell lstm or gru, a lower --learning-rate, or shorter texts; `martlet inspect gradients` shows where they end"
        }
    }
}
