#include "answer_reader.hpp"

#include <algorithm>

namespace spillway::lab {

using http::ReadState;

http::ReadState AnswerReader::take(std::string_view piece) {
  begun_ = begun_ || !piece.empty();
  input_.append(piece);
  while (!in_body_) {
    const ReadState state = take_head();
    if (state != ReadState::complete) return state;
  }
  return take_body();
}

std::string_view AnswerReader::field(std::string_view name) const noexcept {
  return field_of(fields_, name);
}

http::ReadState AnswerReader::take_head() {
  const ReadState state = reader_.parse(input_, to_head_);
  if (state != ReadState::complete) return state;
  const http::ResponseHead& head = reader_.head();
  in_body_ = head.status >= 200;
  if (in_body_) {
    status_ = head.status;
    framing_ = head.framing;
    left_ = head.content_length;
    keep_alive_ = head.keep_alive;
    for (const http::Field& field : head.fields) fields_.push_back({std::string(field.name), std::string(field.value)});
  }
  input_.erase(0, reader_.size());
  reader_.reset();
  return state;
}

http::ReadState AnswerReader::take_body() {
  if (framing_ == http::Framing::none) return ReadState::complete;
  if (framing_ == http::Framing::chunked) {
    const http::ChunkDecoder::Step step = chunks_.decode(input_);
    body_(std::string_view(input_).substr(0, step.payload));
    input_.erase(0, step.consumed);
    return step.state;
  }
  std::string_view piece = input_;
  if (framing_ == http::Framing::length) {
    piece = piece.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, piece.size())));
    left_ -= piece.size();
  }
  body_(piece);
  input_.clear();
  return framing_ == http::Framing::length && left_ == 0 ? ReadState::complete : ReadState::need_more;
}

}  // namespace spillway::lab
