"""Images and audio: multipart requests and binary answers."""

import base64
import io

import pytest

PIXELS = bytes(index * 31 % 256 for index in range(300_000))


def recording(size=2_000_000):
    return ("talk.mp3", io.BytesIO(PIXELS * (size // len(PIXELS)) + PIXELS[: size % len(PIXELS)]), "audio/mpeg")


def test_an_image_is_made(client):
    images = client.images.generate(model="gpt-image-1", prompt="A gate over a river.", n=2).data
    assert len(images) == 2
    assert base64.b64decode(images[0].b64_json).startswith(b"\x89PNG")


@pytest.mark.parametrize("kind", ["AzureOpenAI", "OpenAI"])
def test_an_image_is_edited(clients, kind):
    # AzureOpenAI does not look into a form: it needs to be told the deployment.
    client = clients.azure(azure_deployment="gpt-image-1") if kind == "AzureOpenAI" else clients.v1()
    edited = client.images.edit(model="gpt-image-1", image=("gate.png", PIXELS, "image/png"), prompt="Close the gate.")
    assert edited.data[0].revised_prompt == "Close the gate."


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
def test_a_recording_is_transcribed(client):
    assert (
        client.audio.transcriptions.create(model="whisper", file=recording()).text
        == "A recording of 2000000 bytes called talk.mp3."
    )
    subtitles = client.audio.transcriptions.create(model="whisper", file=recording(), response_format="vtt")
    assert subtitles.startswith("WEBVTT\n")
    assert client.audio.translations.create(model="whisper", file=recording()).text.startswith(
        "A recording of 2000000 bytes"
    )


def test_speech_is_binary_and_the_same_from_every_backend(client):
    def say():
        return client.audio.speech.create(model="tts", voice="alloy", input="The same words give the same sound. " * 50)

    sounds = [say().content for _ in range(3)]
    assert len(sounds[0]) > 100_000
    assert sounds[0] == sounds[1] == sounds[2]


def test_speech_can_be_streamed(client):
    with client.audio.speech.with_streaming_response.create(
        model="tts", voice="alloy", input="Hello there. " * 100
    ) as raw:
        assert raw.headers["content-type"] == "audio/mpeg"
        assert sum(len(piece) for piece in raw.iter_bytes(1000)) > 10_000
