import Foundation
import MartletData
import MartletModels
import MartletTestSupport
import Testing

@testable import MartletTraining

@Suite struct AnomalyDetectionTests {
    /// Trained on the first 500 hours; clean are the next 400, and the rest has eight values that do not belong there.
    private static let injected = [40, 77, 130, 200, 255, 310, 350, 390]

    @Test func injectedValuesAreFoundAndOthersAreNot() throws {
        try withTemporaryFolder { folder in
            var options = TinySeries.options
            options.horizon = 1
            options.epochs = 24
            options.hidden = 16
            options.lags = [24, 168]
            (options.validation, options.test) = (0, 0)
            options.head = .studentT
            let lines = TinySeries.lines(1300)
            try TinySeries.train(Array(lines.prefix(501)), in: folder, options: options)
            let forecaster = try TrainedForecaster(contentsOf: folder + "/run")
            func table(_ range: Range<Int>, _ change: (Int, Double) -> Double) throws -> SeriesTable
            {
                let path = folder + "/part.csv"
                let rows = range.enumerated().map { place, step in
                    let cells = lines[step + 1].split(separator: ",")
                    return "\(cells[0]),\(change(place, Double(cells[1])!))"
                }
                try write((["time,load"] + rows).joined(separator: "\n") + "\n", to: path)
                return try SeriesTable.read(
                    path, columns: forecaster.columns, rules: forecaster.rules)
            }
            let clean = try table(500..<900) { $1 }
            let detection = try AnomalyDetection(
                forecaster, clean: clean, skipping: 26, rate: 0.01)
            let dirty = try table(900..<1300) { place, value in
                Self.injected.contains(place) ? value + (place % 2 == 0 ? 35 : -35) : value
            }
            let values = try detection.judged(dirty.series[0], skipping: 26)
            #expect(values.count == 374)
            let found = values.filter(\.isAnomalous).map(\.time)
            let expected = Self.injected.map { dirty.series[0].times[$0] }
            #expect(expected.allSatisfy(found.contains))
            // The rate allows four of 374; twice that would be a detector that is off.
            #expect(found.count - expected.count <= 8, "\(found.count) reported")
            // In place of what was reported, its forecast is read: the day after, at the lag of a day, nothing is strange.
            let after = dirty.series[0].times[Self.injected[0] + 24]
            #expect(values.first { $0.time == after }?.isAnomalous == false)
            // A level that stays is reported three times, and then followed.
            let higher = try table(900..<1300) { place, value in place < 210 ? value : value + 15 }
            let times = higher.series[0].times
            let strange = try detection.judged(higher.series[0], skipping: 26)
                .filter(\.isAnomalous).map(\.time)
            #expect(times[210..<213].allSatisfy(strange.contains))
            #expect(strange.count { $0 >= times[213] } <= 8)
        }
    }

    @Test func tooFewCleanValuesAreRefused() throws {
        try withTemporaryFolder { folder in
            var options = TinySeries.options
            options.epochs = 1
            try TinySeries.train(TinySeries.lines(), in: folder, options: options)
            let forecaster = try TrainedForecaster(contentsOf: folder + "/run")
            let table = try SeriesTable.read(
                folder + "/data.csv", columns: forecaster.columns, rules: forecaster.rules)
            #expect(
                errorText {
                    _ = try AnomalyDetection(
                        forecaster, clean: table, skipping: 24, rate: 0.001)
                }.contains(
                    "has 476 values to judge: a rate of false alarms of 0.001 needs at least 1000"))
        }
    }
}
