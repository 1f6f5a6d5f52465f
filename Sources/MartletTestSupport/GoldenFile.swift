public import Foundation
public import MartletTensor

/// One value of a golden file: an object, a list, a number, a text, or a tensor written as shape and values.
public struct GoldenValue {
    private let value: Any

    init(_ value: Any) {
        self.value = value
    }

    /// The member of an object; stops with the key if there is none.
    public subscript(key: String) -> GoldenValue {
        guard let member = self[optional: key] else { fatalError("golden file: no \"\(key)\"") }
        return member
    }

    /// The member of an object, or nil.
    public subscript(optional key: String) -> GoldenValue? {
        guard let member = (value as? [String: Any])?[key], !(member is NSNull) else { return nil }
        return GoldenValue(member)
    }

    /// The elements of a list.
    public var list: [GoldenValue] { (value as! [Any]).map(GoldenValue.init) }
    /// The names of an object's members.
    public var keys: [String] { (value as! [String: Any]).keys.sorted() }
    /// The number.
    public var number: Double { (value as! NSNumber).doubleValue }
    /// The whole number.
    public var integer: Int { (value as! NSNumber).intValue }
    /// The truth value.
    public var flag: Bool { (value as! NSNumber).boolValue }
    /// The text.
    public var text: String { value as! String }
    /// The value as JSON again.
    public var json: Data { try! JSONSerialization.data(withJSONObject: value) }
    /// Whether it is a list.
    public var isList: Bool { value is [Any] }
    /// The list of whole numbers.
    public var integers: [Int] { list.map(\.integer) }
    /// The list of numbers.
    public var numbers: [Double] { list.map(\.number) }
    /// The list of numbers, some of which are null.
    public var optionalNumbers: [Double?] {
        (value as! [Any]).map { ($0 as? NSNumber)?.doubleValue }
    }

    /// The tensor of an object with `shape` and `values`.
    public func tensor(_ dtype: DType = .float64) -> Tensor {
        Tensor(self["values"].numbers, shape: Shape(self["shape"].integers)).cast(to: dtype)
    }
}

/// Reads `Tests/Golden/<name>.json`, for a test in any folder of `Tests`.
public func golden(_ name: String, from file: StaticString = #filePath) throws -> GoldenValue {
    var folder = URL(fileURLWithPath: "\(file)").deletingLastPathComponent()
    while folder.lastPathComponent != "Tests", folder.path != "/" {
        folder = folder.deletingLastPathComponent()
    }
    let data = try Data(contentsOf: folder.appendingPathComponent("Golden/\(name).json"))
    return GoldenValue(try JSONSerialization.jsonObject(with: data))
}

/// The largest distance of two tensors' elements; infinite if their shapes differ.
public func largestDifference(_ a: Tensor, _ b: Tensor) -> Double {
    guard a.shape == b.shape else { return .infinity }
    let (x, y) = (
        a.cast(to: .float64).scalars(as: Double.self), b.cast(to: .float64).scalars(as: Double.self)
    )
    return zip(x, y).reduce(0) { result, pair in
        let distance = abs(pair.0 - pair.1)
        return distance.isNaN ? .infinity : max(result, distance)
    }
}
