// Beast's vocabulary, compiled once: field names, reason phrases and methods. The rest of `boost/beast/src.hpp` would
// pull in Asio, which this room does without.
#define BOOST_BEAST_SOURCE

#include <boost/beast/core/impl/string.ipp>
#include <boost/beast/http/impl/field.ipp>
#include <boost/beast/http/impl/status.ipp>
#include <boost/beast/http/impl/verb.ipp>
