// The table is compiled into every program that runs it; the library it otherwise belongs to needs the whole gateway.
#include "http_cases.cpp"
#include "http_cases_answers.cpp"
#include "http_cases_chunked.cpp"
#include "http_cases_fields.cpp"
#include "http_cases_length.cpp"
#include "http_cases_target.cpp"
