// Follows the system's theme, takes a dropped file, and shows the name of the one chosen. Without this script the form
// works all the same.
(function () {
  'use strict';
  var dark = window.matchMedia('(prefers-color-scheme: dark)');
  function theme() { document.documentElement.dataset.theme = dark.matches ? 'dark' : 'light'; }
  theme();
  document.documentElement.classList.add('scripted');
  dark.addEventListener('change', theme);
  document.addEventListener('DOMContentLoaded', function () {
    var form = document.getElementById('check');
    var drop = document.getElementById('drop');
    var file = document.getElementById('file');
    var chosen = document.getElementById('chosen');
    function name() { chosen.textContent = file.files.length ? file.files[0].name : ''; }
    file.addEventListener('change', name);
    ['dragenter', 'dragover'].forEach(function (kind) {
      drop.addEventListener(kind, function (event) { event.preventDefault(); drop.classList.add('over'); });
    });
    drop.addEventListener('dragleave', function () { drop.classList.remove('over'); });
    drop.addEventListener('drop', function (event) {
      event.preventDefault();
      drop.classList.remove('over');
      if (!event.dataTransfer.files.length) { return; }
      file.files = event.dataTransfer.files;
      name();
      form.submit();
    });
  });
})();
