import MartletData
import MartletTensor
import Testing

@Suite struct BaselineTests {
    private static let english = (
        filler: ["the", "film", "was", "a", "story", "of", "people"],
        kinds: [["awful", "dull", "bad"], ["good", "lovely", "fine"], ["long", "short", "old"]]
    )
    private static let chinese = (
        filler: ["这", "电影", "的", "故事", "演员", "我", "了"],
        kinds: [["难看", "无聊", "差"], ["好看", "精彩", "棒"], ["很长", "很短", "老"]]
    )

    /// Texts of random filler, each with one word that tells its label.
    private static func toy(
        _ count: Int, seed: UInt64, labels: Int = 2, isChinese: Bool = false
    ) -> [TextExample] {
        let (filler, kinds) = isChinese ? chinese : english
        var random = RandomGenerator(seed: seed)
        return (0..<count).map { _ in
            // The first label has two of five texts or more, so that a majority is not all there is.
            let label = Int(random.next() % 5) % labels
            var words = (0..<8).map { _ in filler[Int(random.next() % UInt64(filler.count))] }
            words[Int(random.next() % 8)] = kinds[label][Int(random.next() % 3)]
            return TextExample(text: words.joined(separator: isChinese ? "" : " "), label: label)
        }
    }

    private func accuracy(_ examples: [TextExample], _ answer: (TextExample) -> Int) -> Double {
        Double(examples.count { answer($0) == $0.label }) / Double(examples.count)
    }

    private func answer(_ probabilities: [Double]) -> Int {
        probabilities.indices.max { probabilities[$0] < probabilities[$1] } ?? 0
    }

    @Test(arguments: [2, 3], [false, true])
    func nGramsLearnAToyProblemAndBeatTheMajority(labels: Int, isChinese: Bool) {
        let training = Self.toy(300, seed: 41, labels: labels, isChinese: isChinese)
        let test = Self.toy(200, seed: 42, labels: labels, isChinese: isChinese)
        let baseline = NGramBaseline.train(on: training, labelCount: labels)
        let learned = accuracy(test) { answer(baseline.predict($0.text)) }
        let majority = MajorityBaseline(training: training, labelCount: labels)
        let guessed = accuracy(test) { _ in majority.label }
        #expect(learned > 0.95 && (0.35..<0.75).contains(guessed))
        #expect(baseline.summary.contains(isChinese ? "1–3 characters" : "1–2 words"))
    }

    /// `not good` is bad and `not bad` is good: single words cannot tell.
    @Test func pairsOfWordsAreFeatures() {
        let pairs = [("not good", 0), ("not bad", 1), ("so good", 1), ("so bad", 0)]
        let training = (0..<80).map {
            TextExample(text: pairs[$0 % 4].0, label: pairs[$0 % 4].1)
        }
        let baseline = NGramBaseline.train(on: training, labelCount: 2)
        for (text, label) in pairs { #expect(answer(baseline.predict(text)) == label, "\(text)") }
    }

    @Test func trainingTwiceGivesTheSameBits() {
        let training = Self.toy(120, seed: 43)
        let (one, two) = (
            NGramBaseline.train(on: training, labelCount: 2),
            NGramBaseline.train(on: training, labelCount: 2)
        )
        #expect(one.summary == two.summary)
        for example in Self.toy(50, seed: 44) {
            #expect(one.predict(example.text) == two.predict(example.text))
        }
    }

    @Test func probabilitiesSumToOne() {
        let baseline = NGramBaseline.train(on: Self.toy(100, seed: 45, labels: 3), labelCount: 3)
        for text in ["", " ", "good", "never seen words", "😀", "bad bad bad bad"] {
            let probabilities = baseline.predict(text)
            #expect(probabilities.count == 3 && probabilities.allSatisfy { (0...1).contains($0) })
            #expect(abs(probabilities.reduce(0, +) - 1) < 1e-6)
        }
    }

    @Test func aTextWithoutKnownFeaturesGetsTheMoreFrequentLabel() {
        let training = (0..<40).map {
            TextExample(text: $0 % 4 == 0 ? "good" : "bad", label: $0 % 4 == 0 ? 1 : 0)
        }
        let baseline = NGramBaseline.train(on: training, labelCount: 2)
        #expect(answer(baseline.predict("")) == 0)
        #expect(baseline.predict("") == baseline.predict("never seen"))
    }

    @Test func withoutExamplesAllLabelsAreEquallyProbable() {
        let baseline = NGramBaseline.train(on: [], labelCount: 4)
        #expect(baseline.predict("good") == [0.25, 0.25, 0.25, 0.25])
    }

    @Test func caseDoesNotMatter() {
        let baseline = NGramBaseline.train(on: Self.toy(100, seed: 46), labelCount: 2)
        #expect(baseline.predict("A GOOD Film") == baseline.predict("a good film"))
        #expect(baseline.predict("a good film") != baseline.predict("a bad film"))
    }

    @Test func theMajorityIsTheMostFrequentLabelAndOfEqualsTheFirst() {
        func majority(_ labels: [Int]) -> Int {
            MajorityBaseline(
                training: labels.map { TextExample(text: "", label: $0) }, labelCount: 3
            ).label
        }
        #expect(majority([0, 1, 1, 2]) == 1)
        #expect(majority([2, 2, 0, 0, 1]) == 0)
        #expect(majority([2, 1]) == 1)
        #expect(majority([2]) == 2)
        #expect(majority([]) == 0)
    }
}
