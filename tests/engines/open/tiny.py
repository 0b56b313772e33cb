"""Pipelines of the very classes that are published, tiny and with random weights, saved in the hub's layout."""

from pathlib import Path

import torch

LETTERS = "▁abcdefghijklmnopqrstuvwxyz.,"


def tokenizer():
    from transformers import T5TokenizerFast

    pieces = [("<pad>", 0.0), ("</s>", 0.0), ("<unk>", -9.0), *((letter, -3.0) for letter in LETTERS)]
    return T5TokenizerFast(vocab=pieces, extra_ids=0)


def wan_parts(**vae):
    """What every Wan has but its transformer."""
    from diffusers import AutoencoderKLWan, UniPCMultistepScheduler
    from transformers import UMT5Config, UMT5EncoderModel

    words = tokenizer()
    shape = {"d_model": 32, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 4}
    text = UMT5EncoderModel(UMT5Config(vocab_size=len(words), feed_forward_proj="gated-gelu", **shape))
    small = {"base_dim": 4, "z_dim": 16, "dim_mult": [1, 1, 1, 1], "num_res_blocks": 1}
    scheduler = UniPCMultistepScheduler(prediction_type="flow_prediction", use_flow_sigmas=True, flow_shift=3.0)
    return {
        "tokenizer": words,
        "text_encoder": text,
        "vae": AutoencoderKLWan(**{**small, "temperal_downsample": [False, True, True], **vae}),
        "scheduler": scheduler,
    }


WAN_SHAPE = {
    "patch_size": (1, 2, 2),
    "num_attention_heads": 2,
    "attention_head_dim": 12,
    "in_channels": 16,
    "out_channels": 16,
    "text_dim": 32,
    "freq_dim": 32,
    "ffn_dim": 32,
    "num_layers": 2,
    "cross_attn_norm": True,
    "qk_norm": "rms_norm_across_heads",
    "rope_max_seq_len": 32,
}


def wan():
    from diffusers import WanPipeline, WanTransformer3DModel

    return WanPipeline(**wan_parts(), transformer=WanTransformer3DModel(**WAN_SHAPE))


def wan_vace():
    from diffusers import WanVACEPipeline, WanVACETransformer3DModel

    shape = {**WAN_SHAPE, "vace_layers": [0, 1], "vace_in_channels": 96}
    return WanVACEPipeline(**wan_parts(), transformer=WanVACETransformer3DModel(**shape))


def wan_image():
    """Like Wan 2.2: pictures enter by their latents alone."""
    from diffusers import WanImageToVideoPipeline, WanTransformer3DModel

    transformer = WanTransformer3DModel(**{**WAN_SHAPE, "in_channels": 36})
    return WanImageToVideoPipeline(**wan_parts(), transformer=transformer)


def wan_pair():
    """Like Wan 2.1's first-and-last-frame model: pictures are embedded as a whole as well, two of them."""
    from diffusers import WanImageToVideoPipeline, WanTransformer3DModel
    from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModel

    sight = {"hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    encoder = CLIPVisionModel(CLIPVisionConfig(image_size=4, patch_size=1, projection_dim=8, **sight))
    shape = {**WAN_SHAPE, "in_channels": 36, "image_dim": 8, "pos_embed_seq_len": 2 * 17}
    return WanImageToVideoPipeline(
        **wan_parts(),
        transformer=WanTransformer3DModel(**shape),
        image_encoder=encoder,
        image_processor=CLIPImageProcessor(crop_size=4, size=4),
    )


def wan_5b():
    """Like Wan 2.2's small model: an autoencoder of larger steps, and a timestep for every token."""
    from diffusers import WanPipeline, WanTransformer3DModel

    vae = {
        "is_residual": True,
        "patch_size": 2,
        "in_channels": 12,
        "out_channels": 12,
        "scale_factor_spatial": 16,
        "decoder_base_dim": 4,
    }
    return WanPipeline(**wan_parts(**vae), transformer=WanTransformer3DModel(**WAN_SHAPE), expand_timesteps=True)


PICTURE = {"attention_head_dim": 8, "num_attention_heads": 2}
SOUND = {"attention_head_dim": 4, "num_attention_heads": 2}
ROPE = {"rope_double_precision": False, "rope_type": "split"}


def named(prefix, facts):
    return {prefix + name: value for name, value in facts.items()}


def gemma():
    """What writes to LTX-2, and its tokenizer."""
    from transformers import Gemma3Config, Gemma3ForConditionalGeneration, GemmaTokenizer

    pieces = ["<pad>", "<eos>", "<bos>", "<unk>", "<mask>", *LETTERS]
    words = GemmaTokenizer(vocab={piece: number for number, piece in enumerate(pieces)}, merges=[], padding_side="left")
    text = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2}
    sight = {"hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = Gemma3Config(
        text_config={**text, "num_key_value_heads": 1, "head_dim": 8, "vocab_size": len(words)},
        vision_config={**sight, "image_size": 16, "patch_size": 8},
    )
    return {"text_encoder": Gemma3ForConditionalGeneration(config), "tokenizer": words}


def ltx2_codecs():
    """Both autoencoders and the vocoder."""
    from diffusers import AutoencoderKLLTX2Audio, AutoencoderKLLTX2Video
    from diffusers.pipelines.ltx2 import LTX2Vocoder

    vae = AutoencoderKLLTX2Video(
        latent_channels=4,
        block_out_channels=(8, 8, 8, 8),
        decoder_block_out_channels=(8, 16, 32),
        layers_per_block=(1, 1, 1, 1, 1),
        decoder_layers_per_block=(1, 1, 1, 1),
        spatial_compression_ratio=32,
        temporal_compression_ratio=8,
    )
    audio_vae = AutoencoderKLLTX2Audio(
        base_channels=4, ch_mult=(1,), num_res_blocks=1, resolution=32, latent_channels=2, mel_bins=8
    )
    vocoder = LTX2Vocoder(
        in_channels=16,
        hidden_channels=8,
        upsample_kernel_sizes=[16, 15, 4],
        upsample_factors=[8, 5, 4],
        resnet_kernel_sizes=[3],
        resnet_dilations=[[1, 3, 5]],
        output_sampling_rate=16_000,
    )
    return {"vae": vae, "audio_vae": audio_vae, "vocoder": vocoder}


def ltx2():
    from diffusers import FlowMatchEulerDiscreteScheduler, LTX2Pipeline, LTX2VideoTransformer3DModel
    from diffusers.pipelines.ltx2 import LTX2TextConnectors

    transformer = LTX2VideoTransformer3DModel(
        in_channels=4,
        out_channels=4,
        **PICTURE,
        cross_attention_dim=16,
        audio_in_channels=4,
        audio_out_channels=4,
        **named("audio_", SOUND),
        audio_cross_attention_dim=8,
        num_layers=2,
        caption_channels=16,
        **ROPE,
    )
    connectors = LTX2TextConnectors(
        caption_channels=16,
        text_proj_in_factor=3,
        **named("video_connector_", {**PICTURE, "num_layers": 1, "num_learnable_registers": None}),
        **named("audio_connector_", {**PICTURE, "num_layers": 1, "num_learnable_registers": None}),
        connector_rope_base_seq_len=32,
        **ROPE,
    )
    scheduler = FlowMatchEulerDiscreteScheduler()
    parts = {**gemma(), **ltx2_codecs()}
    return LTX2Pipeline(scheduler=scheduler, connectors=connectors, transformer=transformer, **parts)


MAKERS = {
    "wan": wan,
    "wan-vace": wan_vace,
    "wan-image": wan_image,
    "wan-pair": wan_pair,
    "wan-5b": wan_5b,
    "ltx2": ltx2,
}


def stirred(module):
    """Shake every weight, so that nothing a fresh network begins with at zero stays without effect."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for parameter in module.parameters():
            parameter += 0.05 * torch.randn(parameter.shape, generator=generator)


def save(kind: str, folder: Path) -> Path:
    """Save a tiny pipeline in the hub's layout."""
    import diffusers
    import transformers

    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
    torch.manual_seed(0)
    pipe = MAKERS[kind]()
    for part in pipe.components.values():
        if isinstance(part, torch.nn.Module):
            stirred(part)
    pipe.save_pretrained(folder)
    return folder
