# Writes the files of the status page into a C++ source: cmake -DFOLDER=… -DOUTPUT=… -P EmbedPage.cmake
set(source "#include \"page.hpp\"\n\nnamespace spillway::app {\n")
foreach(part document:index.html style:style.css script:script.js)
  string(REGEX MATCH "^(.*):(.*)$" _ "${part}")
  file(READ "${FOLDER}/${CMAKE_MATCH_2}" text)
  string(APPEND source "\nconst std::string_view page_${CMAKE_MATCH_1} = R\"embedded(${text})embedded\";\n")
endforeach()
string(APPEND source "\n}  // namespace spillway::app\n")
file(WRITE "${OUTPUT}" "${source}")
