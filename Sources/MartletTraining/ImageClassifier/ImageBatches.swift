import MartletData
import MartletModels
import MartletTensor

extension LabelledImages {
    /// The brightness of some images, 0 … 1, `[B, H, W]`.
    ///
    /// - Parameters:
    ///   - shift: the points by which each is moved at most, down or up and right or left; what comes in is black.
    ///   - random: where these come from; nil: none is moved.
    func tensor(_ places: [Int], shift: Int = 0, _ random: inout RandomGenerator?) -> Tensor {
        var values = [Float](repeating: 0, count: places.count * height * width)
        for (row, place) in places.enumerated() {
            var (down, right) = (0, 0)
            if shift > 0, random != nil {
                down = random!.integer(below: 2 * shift + 1) - shift
                right = random!.integer(below: 2 * shift + 1) - shift
            }
            let image = pixels(of: place)
            for y in 0..<height where (0..<height).contains(y - down) {
                for x in 0..<width where (0..<width).contains(x - right) {
                    values[(row * height + y) * width + x] =
                        Float(image[image.startIndex + (y - down) * width + x - right]) / 255
                }
            }
        }
        return Tensor(values, shape: [places.count, height, width])
    }

    /// The mean and the deviation of the brightness, 0 … 1; the deviation of images of one brightness is 1.
    var scale: (mean: Double, deviation: Double) {
        var counts = [Int](repeating: 0, count: 256)
        for value in pixels { counts[Int(value)] += 1 }
        let total = Double(max(pixels.count, 1))
        func mean(_ value: (Double) -> Double) -> Double {
            counts.enumerated().reduce(0) {
                $0 + Double($1.element) * value(Double($1.offset) / 255)
            }
                / total
        }
        let middle = mean { $0 }
        let deviation = mean { ($0 - middle) * ($0 - middle) }.squareRoot()
        return (middle, deviation > 0 ? deviation : 1)
    }

    /// The mean loss of some images, to be differentiated, and what came of it.
    func loss(
        _ model: ImageClassifier, _ batch: [Int], _ options: ImageClassifierOptions,
        _ random: inout RandomGenerator?
    ) -> (Tensor, BatchOutcome) {
        let truth = batch.map { Int32(labels[$0]) }
        let scores = model(tensor(batch, shift: options.shift, &random), dropout: &random)
        let answers = scores.detached.argmax(axis: 1).cast(to: .int32).scalars(as: Int32.self)
        let outcome = BatchOutcome(
            correct: zip(answers, truth).count { $0 == $1 }, examples: batch.count,
            tokens: batch.count)
        return (
            scores.softmaxCrossEntropy(Tensor(truth), labelSmoothing: options.labelSmoothing),
            outcome
        )
    }
}

extension ImageClassifier {
    /// The probability of each label for each image, `[image][label]`; it does not depend on the other images.
    func probabilities(of images: LabelledImages) -> [[Double]] {
        var none: RandomGenerator?
        let width = configuration.labels.count
        return stride(from: 0, to: images.count, by: 256).flatMap { start -> [[Double]] in
            let places = Array(start..<min(start + 256, images.count))
            let values = self(images.tensor(places, &none)).softmax().scalars(as: Float.self)
                .map(Double.init)
            return places.indices.map { Array(values[$0 * width..<($0 + 1) * width]) }
        }
    }

    /// The mean loss and the share of right answers.
    func judge(_ images: LabelledImages) -> (loss: Double, accuracy: Double) {
        LabelledSequences.judge(probabilities(of: images), images.labels.map { Int32($0) })
    }

    /// The figures of the answers to images whose labels are places in the model's.
    func metrics(_ images: LabelledImages) -> ClassificationMetrics {
        let answers = probabilities(of: images).map { row in
            row.indices.max { row[$0] < row[$1] } ?? 0
        }
        return ClassificationMetrics(
            labels: configuration.labels, truth: images.labels, answers: answers)
    }
}

/// What an image classifier must be better than: the label whose mean image is nearest, and always the commonest.
struct ImageBaselines {
    private let labels: [String]
    private let means: [[Float]]
    private let majority: Int

    /// Baselines that know these images.
    init(_ images: LabelledImages, labels: [String]) {
        self.labels = labels
        let size = images.height * images.width
        var sums = labels.map { _ in [Float](repeating: 0, count: size) }
        var counts = labels.map { _ in 0 }
        for image in 0..<images.count {
            let label = images.labels[image]
            counts[label] += 1
            for (place, value) in images.pixels(of: image).enumerated() {
                sums[label][place] += Float(value)
            }
        }
        means = zip(sums, counts).map { sum, count in sum.map { $0 / Float(max(count, 1)) } }
        majority = counts.indices.max { counts[$0] < counts[$1] } ?? 0
    }

    /// Their figures on other images.
    func judge(_ images: LabelledImages) -> [BaselineScores] {
        let nearest = (0..<images.count).map { image -> Int in
            let pixels = images.pixels(of: image).map(Float.init)
            let distances = means.map { mean in
                zip(mean, pixels).reduce(Float(0)) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            }
            return distances.indices.min { distances[$0] < distances[$1] } ?? 0
        }
        func scores(_ name: String, _ description: String, _ answers: [Int]) -> BaselineScores {
            BaselineScores(
                name: name, description: description,
                metrics: ClassificationMetrics(
                    labels: labels, truth: images.labels, answers: answers))
        }
        return [
            scores("nearest mean", "the label whose mean image is nearest", nearest),
            scores(
                "majority", "always \(labels[majority])",
                images.labels.map { _ in majority }),
        ]
    }
}
