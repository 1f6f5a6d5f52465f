import Foundation
import MartletData
import MartletModels
import MartletTestSupport
import MartletTraining

/// Hourly series with a daily and a weekly shape, and forecasters of them that take a moment to train.
enum TinySeries {
    static let columns = SeriesColumns(time: "time", target: "load")

    /// The lines of a file, the first with the names.
    ///
    /// - Parameters:
    ///   - missing: steps without a value.
    ///   - change: what is made of a value, by its step.
    static func lines(
        _ count: Int = 500, missing: Set<Int> = [], change: (Int, Double) -> Double = { $1 }
    ) -> [String] {
        var noise: UInt64 = 1
        return ["time,load"]
            + (0..<count).map { step in
                noise = noise &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let day = sin(Double(step) * 2 * .pi / 24)
                let week = step / 24 % 7 >= 5 ? -30.0 : 0
                let value = 100 + 20 * day + week + Double(noise >> 40) / Double(1 << 24) * 4
                let time = CalendarTime(seconds: 1_577_836_800 + step * 3600)
                let text =
                    missing.contains(step) ? "" : "\((change(step, value) * 1000).rounded() / 1000)"
                return "\(time),\(text)"
            }
    }

    static var options: ForecasterOptions {
        var options = ForecasterOptions()
        options.horizon = 12
        options.hidden = 8
        options.headSize = 8
        options.context = 30
        options.origins = 6
        options.batch = 4
        options.epochs = 2
        options.lags = [24]
        options.validation = 60
        options.test = 48
        return options
    }

    /// Trains on these lines in a folder; gives the record.
    @discardableResult static func train(
        _ lines: [String], in folder: String, options: ForecasterOptions = options,
        columns: SeriesColumns = columns, existing: ExistingRun = .keep,
        stopAfter steps: Int = .max, report: @escaping (ForecasterEvent) -> Void = { _ in }
    ) throws -> ForecasterRecord {
        let path = folder + "/data.csv"
        try write(lines.joined(separator: "\n") + "\n", to: path)
        var done = 0
        return try ForecasterRecipe(
            options: options, data: path, columns: columns, folder: folder + "/run",
            existing: existing, version: "test"
        ).run(
            isInterrupted: {
                done += 1
                return done >= steps
            }, report: report)
    }
}
