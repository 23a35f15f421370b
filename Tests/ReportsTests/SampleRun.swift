import Foundation
import Reports
import Runs
import Settings

/// Records of runs as values, made up.
enum SampleRun {
  static let settings: JSONValue = [
    "name": "sample",
    "classes": [["value": 1, "name": "water", "color": "#419bdf"], ["value": 2, "name": "trees"]],
    "stages": [["inference": ["window": 64]], ["geotiff": [:]]],
  ]

  /// A finished run over scenes, of which some failed.
  static func finished(
    done: [String] = ["a"], failed: [String] = [], arriving: [String] = [], leftOut: [String] = [],
    id: String = "20260704T021500Z-00a1", seconds: Double = 61, code: Int? = nil
  ) -> RecordedRun {
    func map(_ scene: String, _ water: Double) -> JSONValue {
      [
        "subject": .string(scene), "status": "done", "key": "0a1b", "seconds": 1.5,
        "findings": [
          "class-areas": [
            "title": "area of each class",
            "value": [
              "columns": [
                ["key": "class"], ["key": "pixels"], ["key": "hectares", "unit": "ha"], ["key": "share"],
              ],
              "rows": [
                ["class": "water", "pixels": 10, "hectares": .number(water), "share": 0.25],
                ["class": "trees", "pixels": 30, "hectares": .number(3 * water), "share": 0.75],
              ],
            ],
          ], "drift": ["title": "distance of the scene from the training data", "value": 0.5],
          "observed": [
            "title": "what the map shows of its scene",
            "value": [
              "columns": [["key": "pixels"], ["key": "share"]],
              "rows": [["pixels": "clear", "share": 0.9], ["pixels": "cloud", "share": 0.1]],
            ],
          ],
        ], "warnings": ["a note on it"], "files": [],
      ]
    }
    func product(_ scene: String) -> JSONValue {
      [
        "subject": .string(scene), "status": "done", "key": "2c3d", "seconds": 0.5,
        "files": [
          ["path": .string("products/\(scene)/landcover.tif"), "bytes": 1234, "sha256": "ffee"],
          ["path": .string("products/\(scene)/confidence.tif"), "bytes": 1234, "sha256": "aabb"],
          ["path": .string("products/\(scene)/scene.png"), "bytes": 1234, "sha256": "bbcc"],
          ["path": .string("products/\(scene)/item.json"), "bytes": 12, "sha256": "ddcc"],
        ],
      ]
    }
    func bad(_ scene: String, _ status: JSONValue) -> JSONValue {
      ["subject": .string(scene), "status": status, "key": "9f", "seconds": 0]
    }
    let summary: JSONValue = [
      "state": "finished", "name": "sample", "pipeline": "/etc/sample.yaml", "run": .string(id),
      "arguments": ["terrane", "run"], "began": "2026-07-04T02:15:00Z", "ended": "2026-07-04T02:16:01Z",
      "seconds": .number(seconds), "exit-code": .int(code ?? (failed.isEmpty ? 0 : 3)),
      "peak-memory": 1_500_000_000, "versions": ["terrane": "0.1.0"],
      "stages": [
        [
          "stage": "inference", "seconds": 3,
          "tasks": .array(
            done.enumerated().map { map($1, 10 + Double($0)) } + failed.map { bad($0, "failed") }),
        ],
        [
          "stage": "geotiff", "seconds": 1,
          "tasks": .array(done.map(product) + failed.map { bad($0, "blocked") }),
        ],
      ],
      "failures": .array(
        failed.map {
          [
            "task": .string("inference:\($0)"), "subject": .string($0), "exit-code": 65,
            "reason": .string("\($0).tif: it is no raster"),
          ]
        }),
      "scenes": .object(
        Dictionary(
          uniqueKeysWithValues: done.map { ($0, ["path": "/in", "status": "done", "reason": .null]) }
            + failed.map { ($0, ["path": "/in", "status": "quarantined", "reason": "bad"]) }
            + arriving.map { ($0, ["path": "/in", "status": "arriving", "reason": "its files changed"]) })),
      "left-out": .array(
        leftOut.map { ["path": .string($0), "kind": "too-cloudy", "reason": "95 % cloud"] }),
    ]
    return RecordedRun(summary, in: URL(fileURLWithPath: "/out/runs/\(id)"))!
  }

  static func brokenOff(_ reason: String) -> RecordedRun {
    RecordedRun(
      ["state": "broken-off", "name": "sample", "exit-code": 74, "reason": .string(reason)],
      in: URL(fileURLWithPath: "/out/runs/20260705T021500Z-00b2"))!
  }

  static var running: RecordedRun {
    RecordedRun(
      ["state": "running", "name": "sample", "began": "2026-07-06T02:15:00Z"],
      in: URL(fileURLWithPath: "/out/runs/20260706T021500Z-00c3"))!
  }

  /// Reads a page of a run of which no file is there.
  static func page(of run: RecordedRun, products: [ReportedProduct]? = nil) -> WellFormed {
    let output = URL(fileURLWithPath: "/nowhere")
    return WellFormed(
      RunPage(
        run, settings: settings, products: products ?? ReportedProduct.all(of: run, below: output),
        models: ReportedModel.all(of: run, below: output)
      ).page.text)
  }
}
