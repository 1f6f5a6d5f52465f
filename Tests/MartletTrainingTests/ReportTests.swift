import Foundation
import MartletData
import MartletTestSupport
import MartletTraining
import Testing

/// `report.html`, and the numbers in it.
@Suite struct ReportTests {
    /// The page of a run whose texts, labels and path try to be markup.
    private func page(_ check: (String, RunRecord) throws -> Void) throws {
        try withTinyRun { run in
            let attack = "<script>alert('x')</script> & <img src=x> "
            let rows = Reviews(200).all.map { text, isGood in
                let label = isGood ? "<i>good</i>" : "bad & 'worse'"
                return "{\"text\": \"\(attack)\(text)\", \"label\": \"\(label)\"}"
            }
            run.data = "a <b> c.jsonl"
            try write(rows.joined(separator: "\n"), to: "\(run.root)/\(run.data)")
            let record = try run.run()
            try check(try run.text("report.html"), record)
        }
    }

    @Test func nothingThatComesFromDataIsMarkup() throws {
        try page { page, _ in
            #expect(page.contains("alert"))
            #expect(page.contains("&lt;i&gt;good&lt;/i&gt;"))
            #expect(page.contains("bad &amp; &#39;worse&#39;"))
            #expect(page.contains("a &lt;b&gt; c.jsonl"))
            for markup in ["<script", "<img", "<i>", "<b> c", "bad & "] {
                #expect(!page.contains(markup), "\(markup)")
            }
        }
    }

    @Test func thePageIsCompleteInItself() throws {
        try page { page, _ in
            for reference in ["http", "src=", "href", "url(", "@import", "<link", "<iframe"] {
                #expect(!page.contains(reference), "\(reference)")
            }
            #expect(page.hasPrefix("<!DOCTYPE html>\n<html lang=\"en\">"))
            #expect(page.contains("<meta charset=\"utf-8\"/>") && page.contains("<style>"))
        }
    }

    @Test func theMarkupIsWellFormed() throws {
        try page { page, _ in
            expectWellFormed(page)
        }
    }

    @Test func theCurvesShowEveryEpochOfBothFigures() throws {
        try page { page, record in
            let curves = page.components(separatedBy: "<h2>")[2]
            #expect(curves.hasPrefix("How it learned"))
            #expect(curves.matches(of: /<svg/).count == 2)
            let lines = curves.matches(of: /<polyline points="([^"]+)"/)
            #expect(lines.count == 4)
            for line in lines {
                #expect(line.output.1.split(separator: " ").count == record.epochs.count)
            }
            for (number, epoch) in record.epochs.enumerated() {
                for (name, value) in [
                    ("training", epoch.trainingLoss), ("validation", epoch.validationLoss),
                ] {
                    let title = "\(name), epoch \(number + 1): \(Decimals.fixed(value, 4))"
                    #expect(curves.contains("<title>\(title)</title>"), "\(title)")
                }
                let title =
                    "validation, epoch \(number + 1): \(Decimals.percent(epoch.validationShare, 2))"
                #expect(curves.contains("<title>\(title)</title>"), "\(title)")
            }
        }
    }

    @Test func thePageSaysWhatCameOut() throws {
        try page { page, record in
            let test = try #require(record.test)
            #expect(
                page.contains(
                    "It read 160 texts and labels <b>\(Decimals.percent(test.accuracy))</b> of 20 unseen ones"
                ))
            for baseline in record.baselines {
                #expect(page.contains(">\(baseline.name)</text>"))
            }
            for row in test.confusion {
                for count in row { #expect(page.contains("<b>\(count)</b>")) }
            }
            #expect(page.contains(record.data.sha256) && page.contains("--hidden 8"))
            #expect(page.matches(of: /<article>/).count >= 2)
        }
    }

    @Test func extremeFiguresMakeAPage() throws {
        try withTinyRun { run in
            var record = try run.run()
            for values in [
                [0, 0], [1e-12, 0], [1e14, 1e300], [.greatestFiniteMagnitude, 0],
            ] as [[Double]] {
                for (place, value) in values.enumerated() {
                    record.epochs[place].trainingLoss = value
                    record.epochs[place].validationLoss = value
                }
                #expect(ReportPage.html(record, explanations: []).contains("</html>"))
            }
            record.epochs = []
            #expect(!ReportPage.html(record, explanations: []).contains("How it learned"))
        }
    }

    @Test func numbersAreWrittenForPeople() {
        let cases: [(String, String)] = [
            (Decimals.fixed(0, 2), "0.00"), (Decimals.fixed(1.005, 1), "1.0"),
            (Decimals.fixed(0.95, 1), "1.0"), (Decimals.fixed(-0.04, 1), "0.0"),
            (Decimals.fixed(-2.25, 1), "-2.3"), (Decimals.fixed(12.5, 0), "13"),
            (Decimals.fixed(0.0625, 4), "0.0625"), (Decimals.fixed(99.999, 2), "100.00"),
            (Decimals.fixed(1234567.891, 3), "1234567.891"), (Decimals.fixed(.nan, 2), "nan"),
            (Decimals.fixed(-.infinity, 2), "-inf"), (Decimals.fixed(1e14, 6), "100000000000000.0"),
            (Decimals.fixed(-1e300, 4), "-1e+300"),
            (Decimals.percent(0.8491), "84.9\u{A0}%"), (Decimals.percent(1, 0), "100\u{A0}%"),
            (Decimals.probability(1), "1.000"), (Decimals.probability(0.9999), "0.999"),
            (Decimals.probability(0), "0.000"), (Decimals.probability(0.0126), "0.013"),
            (Decimals.grouped(0), "0"), (Decimals.grouped(999), "999"),
            (Decimals.grouped(1000), "1,000"), (Decimals.grouped(-1_234_567), "-1,234,567"),
            (Decimals.short(950), "950"), (Decimals.short(12_345), "12.3k"),
            (Decimals.short(123_456), "123k"), (Decimals.short(4_500_000), "4.5M"),
            (Decimals.short(999_999), "1.0M"), (Decimals.short(9999.7), "10.0k"),
            (Decimals.short(99_999), "100k"),
            (Decimals.duration(0), "0:00"), (Decimals.duration(41.6), "0:42"),
            (Decimals.duration(725), "12:05"), (Decimals.duration(3727), "1:02:07"),
            (Decimals.duration(-5), "0:00"), (Decimals.duration(.infinity), "?"),
            (Decimals.duration(3599.9), "1:00:00"),
        ]
        for (found, expected) in cases { #expect(found == expected) }
    }
}
