import Foundation
import MartletData
import MartletModels
import MartletTensor
import MartletTestSupport
import Testing

@testable import MartletTraining

/// Whole comparisons, small.
@Suite struct ComparisonTests {
    private static func options(_ change: (inout ComparisonOptions) -> Void) -> ComparisonOptions {
        var options = ComparisonOptions()
        options.contenders = [.rnn, .gru]
        options.tasks = [.parity]
        options.lengths = [3]
        options.seeds = 2
        options.hidden = 8
        options.steps = 20
        options.batch = 8
        change(&options)
        return options
    }

    private static func comparison(
        data: String? = nil, text: [String] = [], runs: String = "unused",
        _ change: (inout ComparisonOptions) -> Void = { _ in }
    ) -> Comparison {
        Comparison(options: options(change), data: data, text: text, runs: runs, version: "test")
    }

    /// A trial without what depends on the machine and on who else uses memory.
    private static func bare(_ trial: ComparisonTrial) -> ComparisonTrial {
        var trial = trial
        trial.seconds = 0
        trial.peakBytes = 0
        return trial
    }

    @Test func aGRUSolvesShortParityAndLongerAddingIsBetterThanChance() throws {
        let parity = try Self.comparison {
            $0.contenders = [.gru]
            $0.steps = 1500
            $0.hidden = 16
            $0.batch = 32
            $0.learningRate = 0.01
        }.run()
        #expect(parity.isComplete)
        let row = try #require(parity.rows.first)
        #expect(row.solved == 2 && row.score > 0.97 && row.diverged == 0)
        let steps = try #require(row.stepsToSolve)
        #expect(steps < 1500 && steps.truncatingRemainder(dividingBy: 25) == 0)
        #expect(parity.trials.allSatisfy { $0.steps == $0.solvedAt })

        let adding = try Self.comparison {
            $0.tasks = [.adding]
            $0.contenders = [.gru]
            $0.lengths = [8]
            $0.steps = 600
            $0.hidden = 16
            $0.batch = 32
            $0.learningRate = 0.01
            $0.seeds = 1
        }.run()
        #expect(adding.rows[0].score > 3 * MemoryTask.adding.chance, "\(adding.rows[0].score)")
    }

    @Test func theSameSeedsGiveTheSameFigures() throws {
        let (first, again) = (try Self.comparison().run(), try Self.comparison().run())
        #expect(first.trials.map(Self.bare) == again.trials.map(Self.bare))
        #expect(first.trials.count == 4)
        #expect(first.trials.allSatisfy { $0.steps == 20 && $0.solvedAt == nil })
        // Seeds and contenders differ.
        #expect(Set(first.trials.map(\.score)).count > 1)
        // Contenders take turns.
        #expect(first.trials.map(\.contender) == [.rnn, .gru, .rnn, .gru])
        #expect(first.trials.map(\.seed) == [0, 0, 1, 1])
    }

    @Test func parametersAreThoseOfTheLayers() throws {
        let record = try Self.comparison {
            $0.contenders = Contender.allCases
            $0.seeds = 1
            $0.steps = 1
        }.run()
        // G gates of H units: G H (D + H + 2), and the answer's H + 1.
        func expected(_ gates: Int) -> Int { gates * 8 * (1 + 8 + 2) + 8 + 1 }
        // A block of width 8: 12 H² + 13 H. Two of them, with the way in, the norm, and the answer.
        let attention = 2 * (12 * 64 + 13 * 8) + (1 + 1) * 8 + 2 * 8 + 8 + 1
        for row in record.rows {
            let gates = row.contender.cell?.gateCount
            #expect(row.parameters == gates.map(expected) ?? attention, "\(row.contender)")
            // At least the weights, their gradient and two moments were there at once.
            #expect(row.peakBytes > 3 * 4 * row.parameters)
        }
        #expect(record.rows.map(\.contender) == Contender.allCases)
    }

    @Test func initialisationsDifferInWhatTheirNamesSay() throws {
        func weights(_ contender: Contender) throws -> [String: [Float]] {
            var random = RandomGenerator(seed: 2)
            let network = contender.network(
                inputSize: 1, hidden: 4, outputSize: 1, using: &random)
            return Dictionary(
                uniqueKeysWithValues: network.parameters.map {
                    ($0.name, $0.tensor.scalars(as: Float.self))
                })
        }
        let forget = try #require(try weights(.lstmForget1)["rnn.bias_ih_l0"])
        #expect(forget[4..<8].allSatisfy { $0 == 1 } && forget[0..<4].allSatisfy { $0 != 1 })
        let matrix = try #require(try weights(.rnnOrthogonal)["rnn.weight_hh_l0"])
        let rows = (0..<4).map { Array(matrix[4 * $0..<4 * $0 + 4]) }
        for (i, row) in rows.enumerated() {
            for (j, other) in rows.enumerated() {
                let dot: Float = zip(row, other).map { $0 * $1 }.reduce(0, +)
                let expected: Float = i == j ? 1 : 0
                #expect(abs(dot - expected) < 1e-5)
            }
        }
        #expect(try weights(.rnn)["rnn.weight_hh_l0"] != matrix)
    }

    @Test func meanSpreadAndMedianAreThoseOfTheSeeds() throws {
        func trial(_ score: Double, _ solvedAt: Int?, _ steps: Int) -> ComparisonTrial {
            ComparisonTrial(
                contender: .lstm, task: .adding, length: 9, seed: 0, score: score,
                solvedAt: solvedAt, hasDiverged: false, steps: steps, parameters: 10,
                seconds: Double(steps) / 200, peakBytes: steps)
        }
        #expect(ComparisonRow([]) == nil)
        let row = try #require(
            ComparisonRow([trial(1, 150, 150), trial(0.25, nil, 300), trial(0.25, 50, 50)]))
        #expect(row.score == 0.5 && row.lowest == 0.25 && row.highest == 1)
        // √((0.5² + 0.25² + 0.25²) / 2)
        let deviation = try #require(row.deviation)
        #expect(abs(deviation - 0.433_012_701_892_219_3) < 1e-15)
        #expect(row.solved == 2 && row.stepsToSolve == 150 && row.seeds == 3)
        #expect(abs(row.stepsPerSecond - 200) < 1e-9 && row.peakBytes == 300)
        let never = try #require(ComparisonRow([trial(1, 50, 50), trial(0, nil, 300)]))
        #expect(never.stepsToSolve == nil && never.solved == 1)
        #expect(ComparisonRow([trial(0.5, 50, 50)])?.deviation == nil)
        #expect(ComparisonFigures.score(row) == "50.0\u{A0}% ± 43.3")
        #expect(ComparisonFigures.steps(never) == "never")
        #expect(ComparisonFigures.solved(never) == "1 of 2")
    }

    @Test func anInterruptionLeavesWhatIsMeasured() throws {
        var finished = 0
        let record = try Self.comparison().run(
            isInterrupted: { finished == 3 },
            report: { if case .finished = $0 { finished += 1 } })
        #expect(!record.isComplete && record.trials.count == 3)
        #expect(record.rows.map(\.seeds) == [2, 1])
        let page = ComparisonPage.html(record)
        #expect(page.contains("<b>interrupted</b>: here is what 3 finished trainings say"))
        // Before the first is done, there is nothing, and a page that says so.
        let nothing = try Self.comparison().run(isInterrupted: { true })
        #expect(nothing.trials.isEmpty && ComparisonPage.html(nothing).contains("interrupted"))
    }

    @Test func textsAreComparedIfTheyAreGiven() throws {
        try withTemporaryFolder { root in
            try write(Reviews(200).jsonLines(), to: "\(root)/reviews.jsonl")
            try write(Reviews(60).lines(good: true), to: "\(root)/text.txt")
            var left: [String] = []
            let change = { (options: inout ComparisonOptions) in
                options.tasks = [.sentiment, .languageModel]
                options.contenders = [.gru, .lstmForget1, .transformer]
                options.epochs = 1
            }
            let record = try Self.comparison(
                data: "\(root)/reviews.jsonl", text: ["\(root)/text.txt"], runs: "\(root)/runs",
                change
            ).run()
            // Initialisations are for memory tasks.
            #expect(
                record.rows.map(\.contender) == [.gru, .transformer, .gru, .transformer]
                    && record.notes.isEmpty)
            #expect(
                record.rows.map(\.task)
                    == [.sentiment, .sentiment, .languageModel, .languageModel])
            #expect(record.rows.prefix(2).allSatisfy { (0...1).contains($0.score) })
            // Both read the same characters: nearer to each other than to the eight bits of a byte.
            #expect(record.rows.suffix(2).allSatisfy { (0.5...6).contains($0.score) })
            #expect(record.rows.allSatisfy { $0.seeds == 2 && $0.stepsPerSecond > 0 })
            // The figure is the recipe's own.
            let run = try #require(RunRecord.read(from: "\(root)/runs/sentiment-gru-1"))
            #expect(run.test?.accuracy == record.trials[2].score && run.options.seed == 1)
            let attention = try #require(
                RunRecord.read(from: "\(root)/runs/sentiment-transformer-0"))
            #expect(attention.options.network == .transformer && attention.options.layers == 2)
            #expect(attention.test?.accuracy == record.trials[1].score)
            let decoder = try #require(
                try DecoderFolder.load(from: "\(root)/runs/language-model-transformer-1"))
            #expect(decoder.model.parameterCount == record.rows[3].parameters)

            let without = try Self.comparison { change(&$0) }.run {
                false
            } report: {
                if case .leftOut(let task, let reason) = $0 {
                    left.append("\(task.rawValue): \(reason)")
                }
            }
            #expect(
                left == ["sentiment: no --data was given", "language-model: no --text was given"])
            #expect(without.notes == left && without.trials.isEmpty && without.isComplete)

            // A mistake in the texts is known before anything is trained.
            var isFirst = true
            let error = errorText {
                _ = try Self.comparison(data: "\(root)/none.csv") {
                    $0.tasks = [.parity, .sentiment]
                }.run(report: { _ in isFirst = false })
            }
            #expect(error.contains("none.csv") && isFirst, "\(error)")
        }
    }

    @Test func costsAreThoseOfTheNetworksAndTheTableHasThem() throws {
        var told: [ComparisonCost] = []
        let record = try Self.comparison {
            $0.tasks = [.parity, .speed]
            $0.contenders = [.rnn, .lstm, .lstmForget1, .transformer]
            $0.lengths = [4, 64]
            $0.seeds = 1
        }.run(report: { if case .measured(let cost, _, 6) = $0 { told.append(cost) } })
        #expect(record.isComplete && record.costs == told)
        // Initialisations cost the same, and are left out.
        #expect(
            record.costs.map(\.contender) == [
                .rnn, .lstm, .transformer, .rnn, .lstm, .transformer,
            ])
        #expect(record.costs.map(\.length) == [4, 4, 4, 64, 64, 64])
        #expect(record.costs.allSatisfy { $0.trainingRate > 0 && $0.stepMicroseconds > 0 })
        // h; h and c; keys and values of two blocks at every step.
        let bytes = { (length: Int) in [8 * 4, 2 * 8 * 4, 2 * 2 * 8 * 4 * length] }
        #expect(record.costs.map(\.stateBytes) == bytes(4) + bytes(64))
        // A batch of what is read and of what is wanted is there at least.
        for cost in record.costs {
            #expect(cost.trainingBytes > 2 * 8 * cost.length * 8 * 4)
        }
        let summary = ComparisonSummary(record)
        #expect(summary.rows.map(\.family) == [.rnn, .gated, .transformer])
        #expect(summary.hasFigures)
        #expect(summary.rows[0].best.contains("state after 64: 0.0\u{A0}kB"))
        #expect(summary.rows[2].worst.contains("state after 64: 8.2\u{A0}kB"))
        let page = ComparisonPage.html(record)
        expectWellFormed(page)
        for text in ["What fits what", "state after 64: 8.2\u{A0}kB", "LSTM / GRU"] {
            #expect(page.contains(text), "\(text)")
        }
        let again = try JSONDecoder().decode(
            ComparisonRecord.self, from: Data(try record.jsonData))
        #expect(again.costs == record.costs)
        // One family alone has nothing to be compared with.
        var alone = record
        alone.options.contenders = [.lstm, .gru]
        #expect(!ComparisonSummary(alone).hasFigures)
    }

    @Test func theTableTakesTheBetterOfAFamily() throws {
        func trial(_ contender: Contender, _ score: Double) -> ComparisonTrial {
            ComparisonTrial(
                contender: contender, task: .languageModel, seed: 0, score: score,
                hasDiverged: false, steps: 1, parameters: 1, seconds: 1, peakBytes: 1)
        }
        var record = ComparisonRecord(
            version: "test",
            options: Self.options {
                $0.contenders = [.rnn, .lstm, .gru, .transformer]
                $0.tasks = [.languageModel]
            }, data: nil, text: ["text"], machine: .current)
        #expect(!ComparisonSummary(record).hasFigures)
        for each in [trial(.rnn, 3), trial(.lstm, 3.5), trial(.gru, 2), trial(.transformer, 2.5)] {
            record.add(each)
        }
        let rows = ComparisonSummary(record).rows
        // Less is better.
        #expect(rows[0].worst == ["language-model: 3.000 bits per character"])
        #expect(rows[1].best == ["language-model: 2.000 bits per character (gru)"])
        #expect(rows[2].best.isEmpty && rows[2].worst.isEmpty)
        // With other seeds that are as far apart as the cells, nobody is first or last.
        for each in [trial(.rnn, 2.2), trial(.lstm, 3), trial(.gru, 2.9), trial(.transformer, 2.5)]
        {
            record.add(each)
        }
        #expect(ComparisonSummary(record).hasFigures)
        #expect(
            ComparisonSummary(record).rows.allSatisfy { $0.best.isEmpty && $0.worst.isEmpty })
    }

    @Test func theRecordIsReadBackAndThePageIsWhole() throws {
        let record = try Self.comparison { $0.tasks = [.parity, .copying, .sentiment] }.run()
        let again = try JSONDecoder().decode(
            ComparisonRecord.self, from: Data(try record.jsonData))
        #expect(again.rows == record.rows && again.trials == record.trials)
        #expect(again.options == record.options && again.notes == record.notes)
        let page = ComparisonPage.html(record)
        // Two pictures a memory task, none for the task that is left out.
        #expect(page.components(separatedBy: "<svg").count - 1 == 4)
        #expect(page.contains("Left out: sentiment: no --data was given"))
        for row in record.rows { #expect(page.contains(ComparisonFigures.score(row))) }
        #expect(!page.contains("http") && !page.contains("nan") && !page.contains("inf<"))
        expectWellFormed(page)
    }

    @Test func valuesThatMakeNoSenseAreNamed() {
        func problem(_ change: (inout ComparisonOptions) -> Void) -> String {
            Self.options(change).problem ?? "none"
        }
        #expect(problem { _ in } == "none" && ComparisonOptions().problem == nil)
        #expect(problem { $0.lengths = [3, 0] } == "--lengths has 0: expected 1 … 10000")
        #expect(problem { $0.lengths = [10_001] } == "--lengths has 10001: expected 1 … 10000")
        #expect(
            problem {
                $0.lengths = [1]
                $0.tasks = [.adding]
            } == "--lengths has 1: expected 2 … 10000")
        #expect(problem { $0.lengths = [] } == "--lengths is empty: expected at least one")
        #expect(problem { $0.seeds = 0 } == "--seeds is 0: expected 1 … 1000")
        #expect(
            problem { $0.contenders = [.gru, .gru] } == "--cells has gru twice: expected each once")
        #expect(problem { $0.tasks = [] } == "--tasks is empty: expected at least one")
        #expect(problem { $0.hidden = 1 << 20 } == "--hidden is 1048576: expected 1 … 4096")
        #expect(problem { $0.solved = .nan }.hasPrefix("--solved is nan"))
        #expect(
            problem { $0.learningRate = 0 } == "--learning-rate is 0.0: expected a number above 0")
    }

    @Test func aLossThatIsNoNumberEndsATrainingThatIsJudgedAllTheSame() throws {
        let record = try Self.comparison {
            $0.contenders = [.rnnRelu]
            $0.tasks = [.adding]
            $0.lengths = [100]
            $0.seeds = 1
            $0.learningRate = 1e30
            $0.clip = 1e30
        }.run()
        #expect(record.trials[0].hasDiverged && record.trials[0].steps < 20)
        #expect(record.trials[0].score.isFinite && record.rows[0].diverged == 1)
        #expect(ComparisonFigures.solved(record.rows[0]) == "0 of 1, 1 diverged")
    }
}
