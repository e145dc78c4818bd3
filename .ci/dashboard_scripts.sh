#!/usr/bin/env bash
# Fetch from npm what asv's dashboard loads from the net, under the names that it has there: .ci/dashboard_scripts.sh FOLDER
#
# For machines that reach a package registry but not the several hosts that the dashboard names; .ci/dashboard.py takes FOLDER.
set -euo pipefail
mkdir -p "$1"
cd "$1"
while read -r package file name; do
    archive=$(npm pack --silent "$package")
    tar --extract --gzip --to-stdout --file="$archive" "package/$file" > "$name"
    rm "$archive"
done << 'END'
jquery@3.3.1 dist/jquery.min.js jquery-3.3.1.min.js
flot@0.8.3 jquery.flot.js jquery.flot.min.js
flot@0.8.3 jquery.flot.time.js jquery.flot.time.min.js
flot@0.8.3 jquery.flot.selection.js jquery.flot.selection.min.js
flot@0.8.3 jquery.flot.categories.js jquery.flot.categories.min.js
flot-orderbars@1.0.0 js/jquery.flot.orderBars.js jquery.flot.orderBars.js
stupid-table-plugin@1.1.3 stupidtable.min.js stupidtable.min.js
blueimp-md5@2.19.0 js/md5.min.js md5.min.js
bootstrap@3.1.1 dist/js/bootstrap.min.js bootstrap.min.js
bootstrap@3.1.1 dist/css/bootstrap.min.css bootstrap.min.css
END
