import ArgumentParser

/// Names of an enumeration, with commas between.
struct NameList<Name>: ExpressibleByArgument
where Name: RawRepresentable & CaseIterable & Sendable, Name.RawValue == String {
    var values: [Name]

    init(_ values: [Name]) { self.values = values }

    init?(argument: String) {
        values = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let name = Name(rawValue: part.trimming()) else { return nil }
            values.append(name)
        }
    }

    var defaultValueDescription: String { values.map(\.rawValue).joined(separator: ",") }

    static var allValueStrings: [String] { Name.allCases.map(\.rawValue) }
}

/// Numbers, with commas between.
struct ValueList<Value: LosslessStringConvertible & Sendable>: ExpressibleByArgument {
    var values: [Value]

    init?(argument: String) {
        values = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let value = Value(part.trimming()) else { return nil }
            values.append(value)
        }
    }
}

/// Whole numbers, with commas between.
typealias NumberList = ValueList<Int>

extension Substring {
    /// The text without spaces around it.
    fileprivate func trimming() -> String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
